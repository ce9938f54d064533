import { type ErrorEntry, type ErrorSection, librarySections, testKitSection } from '../../src/errors';
import { setupErrors } from './setup';
import { reviewErrors, shopErrors, shopRefusals } from './shop';

/**
 * Every stable code that a part of the system gives, in the order of docs/errors.md. The compiler holds each section to
 * the codes that its part declares; a code stands in one section only.
 */
export const catalogue: readonly ErrorSection[] = [
  ...librarySections,
  { title: 'Set-up and the command line', entries: setupErrors },
  { title: 'The shop: refusals', entries: shopRefusals },
  { title: 'The shop: reviews', entries: reviewErrors },
  { title: 'The shop: errors', entries: shopErrors },
  testKitSection,
];

/** What a code says; undefined if there is no such code. */
export function findError(code: string): ErrorEntry | undefined {
  return catalogue.find(({ entries }) => Object.hasOwn(entries, code))?.entries[code];
}
