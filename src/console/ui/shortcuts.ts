import { signal } from '@preact/signals';
import { isFlag, recall, remember } from './memory';

/** What each shortcut does, for the dialog that lists them. */
export const shortcuts: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Go to the filter of the list'],
  [['g', 'o'], 'Go to the overview'],
  [['g', 'l'], 'Go to the list of sagas'],
  [['g', 'b'], 'Go to the batches'],
  [['?'], 'Show these shortcuts'],
  [['Esc'], 'Close a dialog'],
];

export const shortcutsShown = signal(false);
/** Single keys can be in the way of speech input, so they can be switched off. */
export const shortcutsOn = signal(recall('shortcuts', isFlag) ?? true);

export function switchShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  remember('shortcuts', on);
}

const VIEWS: Readonly<Record<string, string>> = { o: '#/', l: '#/sagas', b: '#/batches' };
const SECOND_KEY_WITHIN_MS = 1_500;
let goneAt = -Infinity;

/** Obeys the shortcuts from now on. */
export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    if (shortcutsOn.value) obey(event);
  });
}

function obey(event: KeyboardEvent): void {
  const view = event.timeStamp - goneAt < SECOND_KEY_WITHIN_MS ? VIEWS[event.key] : undefined;
  goneAt = event.key === 'g' ? event.timeStamp : -Infinity;
  if (view !== undefined) location.hash = view;
  else if (event.key === '?') shortcutsShown.value = true;
  else if (event.key === '/') {
    event.preventDefault();
    if (!location.hash.startsWith('#/sagas')) location.hash = '#/sagas';
    // After the view is there.
    window.setTimeout(() => document.querySelector<HTMLElement>('[data-first-filter]')?.focus(), 50);
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
