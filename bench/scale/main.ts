import { parseArgs } from 'node:util';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { connectClient, localTarget, SetupError } from '../../src/worker';
import { numberOf } from '../options';
import { originOf } from '../report/origin';
import { writeMeasured } from '../report/page';
import { startServers } from '../servers/servers';
import { measureLargeSagas } from './large-saga';
import { FEWEST_OPEN, measureOpenSagas } from './open-sagas';
import type { ScaleResult } from './result';
import { renderScale } from './text';
import { measureWorkerCounts } from './worker-count';

const COMMAND = 'npm run bench:scale';
const progress = (line: string) => void process.stderr.write(`${line}\n`);

/** `npm run bench:scale`: many workers, many open sagas, and a large one. */
void runSupervised((supervisor) => main(process.argv.slice(2), supervisor));

async function main(args: readonly string[], supervisor: Supervisor): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      /** Parts: workers, open, large. */
      only: { type: 'string', default: 'workers,open,large' },
      open: { type: 'string', default: '10000' },
      items: { type: 'string', default: '5000' },
      orders: { type: 'string', default: '400' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const parts = new Set(values.only.split(','));
  const unknown = [...parts].filter((part) => !['workers', 'open', 'large'].includes(part));
  if (unknown.length > 0)
    throw new SetupError(
      'INVALID_SETTING',
      `--only names ${unknown.join(', ')}.`,
      'It takes workers, open, large.',
    );
  const [open, items, orders, rounds] = (['open', 'items', 'orders', 'rounds'] as const).map((name) =>
    numberOf(name, values[name]),
  ) as [number, number, number, number];
  if (open < FEWEST_OPEN)
    throw new SetupError('INVALID_SETTING', `--open must be at least ${FEWEST_OPEN}.`, 'Correct it.');
  const servers = await startServers({ env: process.env, supervisor, progress }, []);
  const { address, namespace } = servers.temporal;
  const client = await connectClient(localTarget(address, { TEMPORAL_NAMESPACE: namespace }));
  supervisor.onStop('the client', () => client.connection.close());
  const result: ScaleResult = {
    ...originOf([COMMAND, ...(args.length > 0 ? ['--', ...args] : [])].join(' '), servers),
    ...(parts.has('workers') && {
      workers: await measureWorkerCounts(servers, { orders, rounds }, supervisor, progress),
    }),
    ...(parts.has('large') && {
      large: await measureLargeSagas(client, servers, items, supervisor, progress),
    }),
    ...(parts.has('open') && { open: await measureOpenSagas(client, servers, open, supervisor, progress) }),
  };
  process.stdout.write(
    values.json ? `${JSON.stringify(result, undefined, 2)}\n` : `${renderScale(result)}\n`,
  );
  if (values.docs) await writeMeasured('scaling.md', `${COMMAND} -- --docs`, result, [renderScale(result)]);
  return 0;
}
