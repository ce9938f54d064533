import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { placements } from '../../src/saga';
import { SimulatedWorkflows } from '../../src/testing/simulation/simulation';
import { par, pivot, retriable, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { simulate } from '../simulation/simulated-program';

const SAGAS = 500;
const program = seq(par(run('a'), run('b')), run('c'), pivot('p'), retriable('r'));

/**
 * How long a simulated saga takes, with its start, its result and a report after its end: five steps, two at once; every third
 * saga is refused at one of the first four. `npx tsx test/bench/simulation.ts`
 */
async function main(): Promise<void> {
  const bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../saga/program-workflow'),
    logger: new DefaultLogger('WARN'),
  });
  const workflows = await SimulatedWorkflows.load(bundle);
  for (const placement of placements) {
    const before = process.cpuUsage();
    const begun = Date.now();
    for (let seed = 1; seed <= SAGAS; seed++) {
      const world = new World();
      if (seed % 3 === 0) world.script(`do ${'abcp'[seed % 4] ?? 'a'}`, 'refuse');
      await simulate(workflows, world, { program, placement }, { seed });
    }
    const { user, system } = process.cpuUsage(before);
    const cpu = ((user + system) / 1_000 / SAGAS).toFixed(1);
    const perSecond = Math.round(SAGAS / ((Date.now() - begun) / 1_000));
    process.stdout.write(`${placement}: ${cpu} ms of CPU a saga, ${perSecond} sagas a second\n`);
  }
  await workflows.close();
}

void main();
