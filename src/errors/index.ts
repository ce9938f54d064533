/** Documents every error code of the library. The compiler checks each section against the codes that its folder declares. */
import { alertsErrors } from './alerts';
import { commandErrors } from './cli';
import { clientErrors, findings } from './client';
import { consoleErrors } from './console';
import { sagaErrors, updateErrors, usageErrors } from './engine';
import type { ErrorSection } from './entry';
import { participantErrors } from './participant';
import { testKitErrors } from './test-kit';
import { workerErrors } from './worker';

export { retriedByText, type ErrorEntry, type ErrorSection, type RetriedBy } from './entry';

/** In the order of docs/errors.md. */
export const librarySections: readonly ErrorSection[] = [
  { title: 'Sagas and their steps', entries: sagaErrors },
  { title: 'Updates: operator interventions and milestones', entries: updateErrors },
  { title: 'Usage errors', entries: usageErrors },
  { title: 'Participants and the barrier', entries: participantErrors },
  { title: 'The client', entries: clientErrors },
  { title: 'Audit findings', entries: findings },
  { title: 'Alerts', entries: alertsErrors },
  { title: 'The command line', entries: commandErrors },
  { title: 'The console', entries: consoleErrors },
  { title: 'Workers', entries: workerErrors },
];

export const testKitSection: ErrorSection = { title: 'The test kit', entries: testKitErrors };
