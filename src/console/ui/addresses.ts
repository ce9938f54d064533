import type { ListFilter } from '../contract';
import { isSagaState } from './parts/states';

/** What the address asks for. */
export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'sagas'; readonly filter: ListFilter }
  | { readonly view: 'saga'; readonly sagaId: string }
  | { readonly view: 'map'; readonly workflow: string }
  | { readonly view: 'batches' }
  | { readonly view: 'batch'; readonly id: string }
  | { readonly view: 'unknown' };

/** @param hash as in `location.hash`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const [view, rest = ''] = split(path, '/');
  const name = decoded(rest);
  if (name === undefined) return { view: 'unknown' };
  if (view === '' && name === '') return { view: 'overview' };
  if (view === 'sagas' && name === '') return { view: 'sagas', filter: filterOf(new URLSearchParams(query)) };
  if (view === 'saga' && name !== '') return { view: 'saga', sagaId: name };
  if (view === 'map' && name !== '') return { view: 'map', workflow: name };
  if (view === 'batches') return name === '' ? { view: 'batches' } : { view: 'batch', id: name };
  return { view: 'unknown' };
}

function split(text: string, at: string): string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function filterOf(query: URLSearchParams): ListFilter {
  const [workflow, state, where] = ['workflow', 'state', 'where'].map(
    (name) => query.get(name)?.trim() ?? '',
  );
  return {
    ...(workflow && { workflow }),
    ...(state && isSagaState(state) && { state }),
    ...(where && { where }),
  };
}

/** A filter as the query of an address; empty without conditions. */
export function queryOf(filter: ListFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

export function listHref(filter: ListFilter): string {
  const query = queryOf(filter);
  return query === '' ? '#/sagas' : `#/sagas?${query}`;
}

export function sagaHref(sagaId: string): string {
  return `#/saga/${segment(sagaId)}`;
}

export function mapHref(workflow: string): string {
  return `#/map/${segment(workflow)}`;
}

export function batchHref(id: string): string {
  return `#/batches/${segment(id)}`;
}

/** A part of a path. An id may hold half a surrogate pair, which has no encoding. */
export function segment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
