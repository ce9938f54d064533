export { type ConsoleErrorCode, ConsoleError } from './console-error';
export type { Redact } from './saga-details';
export { type ConsoleOptions, type RunningConsole, startConsole } from './server';
