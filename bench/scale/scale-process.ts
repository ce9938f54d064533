import { sagaBundling } from '../../src/worker';
import type { Servers } from '../contenders/contender';
import { startTemporalProcess } from '../contenders/temporal-process';
import { openParticipants } from '../contenders/unwind';
import { SCALE_QUEUE } from '../workflows/scale-definitions';

/** Activities at once, and as many database connections. */
const SLOTS = 60;
const CACHED_WORKFLOWS = 1_000;

/** A worker of the sagas of `workflows/scale.ts`, in a process of its own, until it is asked to stop. */
async function main(json = ''): Promise<void> {
  process.setSourceMapsEnabled(false);
  const servers = JSON.parse(json) as Servers;
  const { activities, close } = openParticipants('barrier', servers.databaseUrl, SLOTS);
  const { stop } = await startTemporalProcess(
    servers,
    { slots: SLOTS, cachedWorkflows: CACHED_WORKFLOWS },
    [
      {
        taskQueue: SCALE_QUEUE,
        workflowsPath: require.resolve('../workflows/scale'),
        plugins: [sagaBundling],
        activities,
      },
    ],
    close,
  );
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => void stop().finally(() => process.exit(0)));
  process.send?.('ready');
}

void main(process.argv[2]);
