import type { Command } from 'commander';
import { type ErrorSection, librarySections } from '../errors';
import type { UnwindConfig } from './config';
import { loadConfig } from './load-config';
import { processOutput } from './output';
import { describe } from './printable';
import { addSagaCommands, rootCommand } from './program';
import { Connections, type Session } from './session';

/** What a command line of a project has besides the commands for any saga. */
export interface CommandLineOptions {
  /** Its configuration. @default the file that `--config` names, or `unwind.config.*` in the working directory */
  readonly config?: UnwindConfig;
  /** How it is called, for the commands that it suggests. @default `unwind` */
  readonly command?: string;
  /** The first line of its help. */
  readonly description?: string;
  /** The error codes that `errors` explains. @default those of the library */
  readonly catalogue?: readonly ErrorSection[];
  /** Adds commands. */
  readonly extend?: (program: Command, session: Session) => void;
}

const DESCRIPTION =
  'Finds, shows and steers sagas. Connects to the server that the TEMPORAL_* settings name, otherwise to 127.0.0.1:7233.';

/**
 * The main function of a command line: runs the command that the arguments name, and sets the exit code of the process.
 * Errors are printed on standard error with their code.
 */
export async function runCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  {
    config: given,
    command = 'unwind',
    description = DESCRIPTION,
    catalogue = librarySections,
    extend,
  }: CommandLineOptions = {},
): Promise<void> {
  const program = rootCommand('unwind')
    .description(description)
    .option('--json', 'print JSON on standard output', false)
    .showHelpAfterError();
  if (!given)
    program.option('--config <file>', 'the configuration, instead of unwind.config.* in this directory');
  const { json, config } = { json: () => options().json, config: () => options().config };
  function options() {
    return program.opts<{ json: boolean; config?: string }>();
  }
  let loaded: Promise<UnwindConfig> | undefined;
  const load = () => (loaded ??= given ? Promise.resolve(given) : loadConfig(process.cwd(), config()));
  let opened: Promise<Connections> | undefined;
  const open = () => (opened ??= load().then((found) => new Connections(found, env)));
  const session: Session = Object.assign(processOutput(json), {
    command,
    setting: (name: string) => env[name] || undefined,
    client: async () => await (await open()).client(),
    rescuer: async () => await (await open()).rescuer(),
    auditor: async () => await (await open()).auditor(),
    sagas: async () => (await load()).sagas ?? [],
  });
  addSagaCommands(program, session, catalogue);
  extend?.(program, session);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  } finally {
    await opened?.then(
      async (connections) => await connections.close(),
      () => undefined,
    );
  }
}
