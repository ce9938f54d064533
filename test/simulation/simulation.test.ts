import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import type { SimulatedWorkflows } from '../../src/testing/simulation/simulation';
import { states } from '../saga/harness';
import { par, pivot, retriable, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { loadWorkflows, simulate } from './simulated-program';

let workflows: SimulatedWorkflows;
beforeAll(async () => {
  workflows = await loadWorkflows(require.resolve('../saga/program-workflow'));
});
afterAll(async () => await workflows.close());

const program = seq(par(run('a'), run('b')), run('c'), pivot('p'), retriable('r'));
const refusing = () => new World().script('do c', 'refuse').script('do a', 'transient');

describe.each(placements)('%s', (placement) => {
  test('a saga that is refused is compensated', async () => {
    const world = refusing();
    const { report } = await simulate(workflows, world, { program, placement }, { seed: 1 });
    expect(states(report)).toEqual({ a: 'compensated', b: 'compensated', c: 'refused' });
    expect(world.effects.slice(2).sort()).toEqual(['undo a', 'undo b']);
  });

  test('a seed, or what it has chosen, repeats the run to the byte', async () => {
    const runWith = async (choices: { seed: number; choices?: readonly number[] }) =>
      await simulate(workflows, refusing(), { program, placement }, choices);
    const first = await runWith({ seed: 7 });
    const bytes = JSON.stringify(first.events);
    expect(JSON.stringify((await runWith({ seed: 7 })).events)).toBe(bytes);
    expect(JSON.stringify((await runWith({ seed: 8, choices: first.choices })).events)).toBe(bytes);
    expect(JSON.stringify((await runWith({ seed: 8 })).events)).not.toBe(bytes);
  });
});
