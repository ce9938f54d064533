import { parseArgs } from 'node:util';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { testServers } from '../../dev/test-servers';
import { barrierTable, type Database, openDatabase } from '../../src/participant';
import type { MatrixResult } from '../../src/testing';
import { createTestDatabase } from '../support/database';
import { partOf, shardFrom } from '../support/shard';
import { exploredStates } from './explored-states';
import { sagas } from './sagas';
import { sectionsOnServers, simulatedSectionsOf } from './sections';
import { summed } from './summed';

const pool = {
  poolSize: 8,
  maxStatementMs: 4_000,
  applicationName: 'matrix',
  onError: () => undefined,
};

/**
 * `npm run test:matrix`: runs the fault matrix of every saga in every placement, in a simulation, with `--pairs N` also N pairs of
 * faults for each saga and placement, chosen by `--seed S`; or `--on-servers`. Arguments name sagas, or a part of the sections
 * of the matrix: `npm run test:matrix -- bookTrip`, `npm run test:matrix -- --on-servers --shard=2/4`. The last line is
 * `{cases, violations, byFault, byOutcome, notFired, exploredStates}`; exits with 1 when a case broke the promise or did not
 * meet its fault. Without `--json` what went wrong is also told line by line; `--no-explorer` leaves the explorer to `npm test`.
 */
void runSupervised((supervisor) => matrix(process.argv.slice(2), process.env, supervisor));

async function matrix(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const { values: options, positionals: named } = parseArgs({
    args: [...args],
    options: {
      'on-servers': { type: 'boolean', default: false },
      pairs: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      shard: { type: 'string' },
      'no-explorer': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const chosen = sagas.filter(({ definition }) => named.length === 0 || named.includes(definition.workflow));
  Object.assign(env, await testServers(env, supervisor));
  const database = await barrierDatabase(supervisor);
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const results: MatrixResult[] = [];
  const surroundings = { database, supervisor, progress };
  const sections = chosen.flatMap((saga) =>
    options['on-servers']
      ? sectionsOnServers(saga, surroundings)
      : simulatedSectionsOf(saga, surroundings, { pairs: Number(options.pairs), seed: Number(options.seed) }),
  );
  // Not side by side: the busier the machine, the more often a test server loses a task.
  for (const { name, run } of partOf(sections, shardFrom(args))) {
    const begun = Date.now();
    const result = await run();
    results.push(result);
    const { cases, violations, notFired } = result;
    const wrong = `${violations.length} violations, ${notFired.length} without their fault`;
    progress(`${name}: ${cases} cases, ${wrong}, ${Math.round((Date.now() - begun) / 1000)} s`);
  }
  const explores = !options['no-explorer'];
  const summary = { ...summed(results), ...(explores && { exploredStates: exploredStates() }) };
  const { violations, notFired } = summary;
  if (!options.json) {
    for (const { case: name, problems } of violations)
      process.stdout.write(`${name}\n  ${problems.join('\n  ')}\n`);
    for (const name of notFired) process.stdout.write(`${name}\n  the fault did not strike\n`);
  }
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return violations.length > 0 || notFired.length > 0 ? 1 : 0;
}

async function barrierDatabase(supervisor: Supervisor): Promise<Database> {
  const empty = await createTestDatabase('matrix');
  supervisor.onStop('the database', () => empty.drop());
  const database = openDatabase({ url: empty.url, ...pool });
  supervisor.onStop('its connections', () => database.close());
  await database.query(barrierTable);
  return database;
}
