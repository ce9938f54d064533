import { render } from 'preact';
import { login, needsLogin } from './api';
import { App } from './app';
import { followAddress } from './route';
import { followKeys } from './shortcuts';

/** A link with the token: it must not stay in the address bar, the history or a bookmark. */
function takeToken(): string | undefined {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return undefined;
  history.replaceState(null, '', '#/');
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

async function logInByLink(): Promise<void> {
  const token = takeToken();
  if (token === undefined) return;
  try {
    await login(token);
  } catch {
    // The view asks for the token, and shows why another one is refused.
    needsLogin.value = true;
  }
}

const root = document.getElementById('app');
// Before the address is followed: the token is no view.
addEventListener('hashchange', () => void logInByLink());
void logInByLink().then(() => {
  followAddress();
  followKeys();
  if (root) render(<App />, root);
});
