import { signal } from '@preact/signals';
import { parseRoute, type Route } from './addresses';

/** The view that is open. */
export const route = signal<Route>({ view: 'overview' });

/** Follows the address from now on. */
export function followAddress(): void {
  const read = () => (route.value = parseRoute(location.hash));
  addEventListener('hashchange', read);
  read();
}
