/** The command line for sagas: its configuration, and what a command line of a project's own is made of. */
export { type ConfiguredSaga, defineConfig, type OpenRecords, type UnwindConfig } from './config';
export { type ExitCode, exitCodes, type Output } from './output';
export { printable, printableJson } from './printable';
export { rootCommand } from './program';
export { runCommandLine, type CommandLineOptions } from './run';
export type { Session } from './session';
export { addListOptions, type ListOptions, listSagas, previewSaga, showSaga } from './commands/look';
export { cancelSaga, rescueSaga, reverseSaga, startSaga, waitForSaga } from './commands/run';
export { reasonOf } from './text/outcome';
export { type Cell, table } from './text/table';
