import { useState } from 'preact/hooks';
import { type ApiError, asApiError, login } from './api';
import { fieldText } from './parts/fields';
import { ErrorNote, Heading } from './parts/page';

/** Asks for the token of the console. */
export function LoginView() {
  const [error, setError] = useState<ApiError>();
  const submit = async (form: HTMLFormElement) => {
    setError(undefined);
    try {
      await login(fieldText(form, 'token'));
    } catch (failure) {
      setError(asApiError(failure));
    }
  };
  return (
    <>
      <Heading title="Log in" />
      <p>
        The console asks for its token: <code>UNWIND_CONSOLE_TOKEN</code> of the process that serves it.
      </p>
      <form
        class="login"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget as HTMLFormElement);
        }}
      >
        <div class="field">
          <label for="token">Token</label>
          <input id="token" name="token" type="password" required autocomplete="current-password" />
        </div>
        {error && <ErrorNote error={error} />}
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </>
  );
}
