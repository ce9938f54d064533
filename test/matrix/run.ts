import { testServer } from '../../src/platform/temporal-binary';
import { runSupervised, type Supervisor } from '../../src/platform/supervisor';
import { placements } from '../../src/saga';
import { type MatrixResult, runMatrix, SagaTestKit } from '../../src/testing';
import { timeSkippingServer } from '../support/temporal';
import { exploredStates } from './explored-states';
import { sagas } from './sagas';

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
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  env['UNWIND_TEST_SERVER'] = await testServer({ env, progress, signal: supervisor.signal });
  const server = await timeSkippingServer();
  supervisor.onStop('the test server', () => server.teardown());
  const kit = await SagaTestKit.start(server, { workflowsPath: require.resolve('./matrix-workflow'), sagas });
  const results: MatrixResult[] = [];
  for (const saga of sagas.filter(
    ({ definition }) => named.length === 0 || named.includes(definition.workflow),
  )) {
    const result = await runMatrix(kit, saga, { placements, onCase: progress });
    progress(`${saga.definition.workflow}: ${result.cases} cases, ${result.violations.length} violations`);
    results.push(result);
  }
  await kit.stop();
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
