import { clientErrors, findings } from './client';
import { sagaErrors, updateErrors, usageErrors } from './engine';
import type { Again, ErrorEntry, ErrorSection } from './entry';
import { participantErrors } from './participant';
import { platformErrors } from './platform';
import { reviewErrors, shopErrors, shopRefusals } from './shop';
import { testKitErrors } from './test-kit';

/**
 * Every stable code that a part of the system gives, in the order of docs/errors.md. The compiler holds each section to
 * the codes that its part declares; a code stands in one section only.
 */
export const catalogue: readonly ErrorSection[] = [
  { title: 'Sagas and their steps', entries: sagaErrors },
  { title: 'Updates: the desk and milestones', entries: updateErrors },
  { title: 'Wrong use of the engine', entries: usageErrors },
  { title: 'Participants and the barrier', entries: participantErrors },
  { title: 'The client', entries: clientErrors },
  { title: 'What the audit finds', entries: findings },
  { title: 'Set-up, workers and the command line', entries: platformErrors },
  { title: 'The shop: refusals', entries: shopRefusals },
  { title: 'The shop: reviews', entries: reviewErrors },
  { title: 'The shop: errors', entries: shopErrors },
  { title: 'The test kit', entries: testKitErrors },
];

/** What a code says; undefined if there is no such code. */
export function findError(code: string): ErrorEntry | undefined {
  return catalogue.find(({ entries }) => Object.hasOwn(entries, code))?.entries[code];
}

/** How {@link ErrorEntry.again} reads. */
export const againText: Readonly<Record<Again, string>> = {
  no: 'no',
  itself: 'by itself',
  caller: 'by the caller',
  operator: 'by an operator, and by itself',
  deployment: 'by itself, until a fixed deployment',
};
