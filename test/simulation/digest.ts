import { createHash } from 'node:crypto';
import { placements } from '../../src/saga';
import { SagaTestKit } from '../../src/testing';
import { RATES, runSchedule } from '../../src/testing/schedule';
import { sagas } from '../matrix/sagas';

/** Prints a digest of the histories of 300 schedules: the same on every machine and every Node, of one version of the code. */
async function main(): Promise<void> {
  const workflowsPath = require.resolve('../matrix/matrix-workflow');
  const kit = await SagaTestKit.start({ workflowsPath, sagas });
  const digest = createHash('sha256');
  for (const saga of sagas) {
    for (let seed = 1; seed <= 100; seed++) {
      const placement = placements[seed % placements.length] ?? 'participants';
      const run = await runSchedule(kit, saga, {
        seed,
        placement,
        faults: RATES,
        refusable: [],
        actions: [],
      });
      digest.update(JSON.stringify([run.choices, run.history]));
    }
  }
  await kit.stop();
  process.stdout.write(`${process.version} ${digest.digest('hex')}\n`);
}

void main();
