import { type ErrorEntry, type ErrorSection, librarySections, testKitSection } from '../../src/errors';
import { setupErrors } from './setup';
import { reviewErrors, shopErrors, shopRefusals } from './shop';

/**
 * Every stable error code, in the order of docs/errors.md. The compiler checks each section against the codes that its
 * folder declares. Each code is in one section only.
 */
export const catalogue: readonly ErrorSection[] = [
  ...librarySections,
  { title: 'Set-up and the command line', entries: setupErrors },
  { title: 'The shop: refusals', entries: shopRefusals },
  { title: 'The shop: reviews', entries: reviewErrors },
  { title: 'The shop: errors', entries: shopErrors },
  testKitSection,
];

/** The documentation of a code; undefined for an unknown code. */
export function findError(code: string): ErrorEntry | undefined {
  return catalogue.find(({ entries }) => Object.hasOwn(entries, code))?.entries[code];
}
