import { Command } from 'commander';
import { SagaClient, SagaClientError } from '../client';
import { temporalTarget } from '../platform/running';
import { describeError } from '../platform/setup-error';
import { connectClient } from '../platform/temporal-connection';
import { addDeskCommands } from './desk';
import { addOrderCommands } from './order/commands';
import type { Session } from './session';

/** `npm run unwind -- …`: the command line over the client of sagas. */
async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('unwind')
    .description(
      'Starts and follows sagas. Reads TEMPORAL_ADDRESS and the like; else uses what npm start runs.',
    )
    .option('--json', 'print one JSON document on standard output', false)
    .showHelpAfterError();

  let opened: SagaClient | undefined;
  const session: Session = {
    client: async () => (opened ??= new SagaClient(await connectClient(temporalTarget(process.env)))),
    print: (value, text) => {
      const json = program.opts<{ json: boolean }>().json;
      process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text}\n`);
    },
    exitCode: (code) => {
      process.exitCode = code;
    },
  };
  addOrderCommands(program, session);
  addDeskCommands(program, session);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const known = error instanceof SagaClientError;
    process.stderr.write(`${known ? `${error.code}: ${error.message}` : describeError(error)}\n`);
    process.exitCode = 1;
  } finally {
    await opened?.temporal.connection.close();
  }
}

void main(process.argv);
