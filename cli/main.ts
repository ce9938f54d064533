import { SagaClient } from '../src/client';
import { connectClient, readPlacements, SetupError } from '../src/worker';
import { serviceDatabases, temporalTarget } from '../dev/running';
import { openServiceRecords, type ServiceRecords } from '../dev/service-records';
import { fulfilment } from '../services/order/fulfilment';
import { addAuditCommand } from './audit';
import { describe, printable, printableJson } from './describe';
import { addDeskCommands } from './desk';
import { addErrorsCommand } from './errors';
import { addOrderCommands } from './order/commands';
import { rootCommand } from './root-command';
import type { Session } from './session';

/** `npm run unwind -- …`: the command line over the client of sagas. */
async function main(argv: readonly string[]): Promise<void> {
  const program = rootCommand('unwind')
    .description(
      'Starts and follows the sagas of the demo. Connects to TEMPORAL_ADDRESS, otherwise to the server that npm start runs.',
    )
    .option('--json', 'print JSON on standard output', false)
    .showHelpAfterError();

  let opened: SagaClient | undefined;
  let records: ServiceRecords | undefined;
  const client = async () =>
    (opened ??= new SagaClient(await connectClient(await temporalTarget(process.env)), {
      placements: readPlacements(process.env),
    }));
  const rescuer = async () => {
    const databases = await serviceDatabases(process.env);
    if (!databases) return await client();
    records ??= await openServiceRecords(databases);
    const { temporal } = await client();
    return new SagaClient(temporal, { records: records.readers, rescueQueue: fulfilment.taskQueue });
  };
  const json = () => program.opts<{ json: boolean }>().json;
  const session: Session = {
    client,
    rescuer,
    auditor: async () => {
      if (await serviceDatabases(process.env)) return await rescuer();
      throw new SetupError(
        'DATABASES_UNKNOWN',
        'The audit needs the services’ databases, and neither a setting nor a running installation names them.',
        'Set the four <SERVICE>_DATABASE_URL, or DATABASE_URL (docs/configuration.md).',
      );
    },
    print: (value, text) => {
      process.stdout.write(`${json() ? printableJson(value, 2) : printable(text)}\n`);
    },
    printLine: (value, text) => {
      process.stdout.write(`${json() ? printableJson(value) : printable(text)}\n`);
    },
    exitCode: (code) => {
      process.exitCode = code;
    },
  };
  addOrderCommands(program, session);
  addDeskCommands(program, session);
  addAuditCommand(program, session);
  addErrorsCommand(program, session);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  } finally {
    await Promise.all([opened?.temporal.connection.close(), records?.close()]);
  }
}

void main(process.argv);
