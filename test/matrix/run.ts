import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { temporalCli, testServer } from '../../dev/temporal-binary';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { temporaryDirectory, temporaryPostgres } from '../../dev/temporary-postgres';
import { barrierTable, openDatabase } from '../../src/participant';
import { placements } from '../../src/saga';
import { type MatrixResult, runMatrix, SagaTestKit } from '../../src/testing';
import { localServer, timeSkippingServer } from '../support/temporal';
import { createTestDatabase } from '../support/database';
import { inputChanged } from './changed-input';
import { schemaChanged } from './changed-schema';
import { exploredStates } from './explored-states';
import { sagas } from './sagas';
import { runUndoCases } from './undo-cases';

const pool = {
  poolSize: 8,
  maxStatementMs: 4_000,
  applicationName: 'matrix',
  onError: () => undefined,
};

/**
 * `npm run test:matrix`: runs the fault matrix of every saga in every placement. The last line is
 * `{cases, violations, byFault, byOutcome, notFired, exploredStates}`; exits with 1 when a case broke the promise or
 * did not meet its fault. Without `--json` what went wrong is also told line by line.
 */
void runSupervised((supervisor) => matrix(process.argv.slice(2), process.env, supervisor));

async function matrix(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const named = args.filter((one) => !one.startsWith('--'));
  const chosen = sagas.filter(({ definition }) => named.length === 0 || named.includes(definition.workflow));
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const { signal } = supervisor;
  env['UNWIND_TEST_SERVER'] = await testServer({ env, progress, signal });
  env['UNWIND_TEMPORAL_CLI'] = await temporalCli({ env, progress, signal });

  const directory = temporaryDirectory(supervisor);
  env['DATABASE_URL'] ||= await temporaryPostgres(directory, supervisor);
  const empty = await createTestDatabase('matrix');
  supervisor.onStop('the database', () => empty.drop());
  const database = openDatabase({ url: empty.url, ...pool });
  supervisor.onStop('its connections', () => database.close());
  await database.query(barrierTable);

  async function withKit<T>(
    server: TestWorkflowEnvironment,
    workflows: string,
    work: (kit: SagaTestKit) => Promise<T>,
  ) {
    const kit = await SagaTestKit.start(server, { workflowsPath: require.resolve(workflows), sagas: chosen });
    const result = await work(kit);
    await kit.stop();
    return result;
  }
  const results: MatrixResult[] = [];
  const options = { placements, onCase: progress };
  const add = (result: MatrixResult) => {
    results.push(result);
    progress(`${result.cases} cases, ${result.violations.length} violations`);
  };

  async function whereTimeIsSkipped(): Promise<void> {
    for (const saga of chosen) {
      // Each has a server of its own, since the clock of one does not go very far.
      const server = await timeSkippingServer();
      supervisor.onStop('a test server', () => server.teardown());
      await withKit(server, './matrix-workflow', async (kit) => {
        add(await runMatrix(kit, saga, options));
        add(await runUndoCases(kit, saga, schemaChanged(database), progress));
      });
      await withKit(server, './changing-workflow', async (kit) => {
        add(await runUndoCases(kit, saga, inputChanged(server), progress));
      });
    }
  }

  async function onARealClock(): Promise<void> {
    const server = await localServer();
    supervisor.onStop('the server with a real clock', () => server.teardown());
    await withKit(server, './real-clock-workflow', async (kit) => {
      for (const saga of chosen) add(await runMatrix(kit, saga, { ...options, concurrency: 16 }));
    });
  }

  // Not side by side: the busier the machine, the more often a test server loses a task.
  await onARealClock();
  await whereTimeIsSkipped();
  const summary = { ...summed(results), exploredStates: exploredStates() };
  const { violations, notFired } = summary;
  if (!args.includes('--json')) {
    for (const { case: name, problems } of violations)
      process.stdout.write(`${name}\n  ${problems.join('\n  ')}\n`);
    for (const name of notFired) process.stdout.write(`${name}\n  the fault did not strike\n`);
  }
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return violations.length > 0 || notFired.length > 0 ? 1 : 0;
}

function summed(results: readonly MatrixResult[]): MatrixResult {
  return {
    cases: results.reduce((sum, { cases }) => sum + cases, 0),
    violations: results.flatMap(({ violations }) => violations),
    byFault: counts(results.map(({ byFault }) => byFault)),
    byOutcome: counts(results.map(({ byOutcome }) => byOutcome)),
    notFired: results.flatMap(({ notFired }) => notFired),
  };
}

function counts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, value] of all.flatMap((one) => Object.entries(one))) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
