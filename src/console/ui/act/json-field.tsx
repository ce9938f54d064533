import { fieldText } from '../parts/fields';

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  readonly value?: string;
  readonly required?: boolean;
}

/** A value as JSON. A form has one at most. */
export function JsonField({ label, hint, error, value, required }: Props) {
  return (
    <div class="field">
      <label for="field-json">{label}</label>
      <textarea
        id="field-json"
        name="json"
        class="mono"
        rows={8}
        required={required}
        spellcheck={false}
        defaultValue={value ?? ''}
        aria-invalid={error !== undefined}
        aria-describedby="json-hint json-error"
      />
      <p class="hint" id="json-hint">
        {hint}
      </p>
      <p class="error" id="json-error" role="alert">
        {error}
      </p>
    </div>
  );
}

/** The value of the form's JSON field; without such a field, or when it is empty, no value. */
export function readJson(form: HTMLFormElement): { readonly value?: unknown; readonly error?: string } {
  const text = fieldText(form, 'json');
  if (text === '') return {};
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: `This is not JSON: ${(error as Error).message}` };
  }
}
