import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Placement, placements } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { ResettableRun } from '../../src/testing/reset';
import { type HistoryEvent, summaryOf } from '../../src/testing/simulation/events';
import type { SimulatedWorkflows } from '../../src/testing/simulation/simulation';
import { ended, Harness, states } from '../saga/harness';
import {
  ask,
  attempt,
  fail,
  irreversible,
  nested,
  pivot,
  retriable,
  run,
  savePoint,
  seq,
  wait,
} from '../saga/program';
import { answerBySignal, answerByUpdate } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { loadWorkflows, type ProgramRun, simulate, tasksIn } from './simulated-program';

let harness: Harness;
let workflows: SimulatedWorkflows;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  workflows = await loadWorkflows(require.resolve('../saga/program-workflow'));
});
afterAll(async () => {
  await workflows.close();
  await harness.stop();
});

interface Trace extends Omit<ProgramRun, 'placement'> {
  readonly name: string;
  readonly world?: () => World;
  /** Where it is another one. */
  readonly except?: Placement;
  readonly only?: Placement;
}

/** One after another, or by a test's hand: a server may order otherwise what happens at once. */
const traces: readonly Trace[] = [
  { name: 'steps, a pivot and what follows it', program: seq(run('a'), pivot('p'), retriable('r')) },
  {
    name: 'a refusal, and the unwinding',
    program: seq(run('a'), run('b'), run('c')),
    world: () => new World().script('do c', 'refuse'),
  },
  {
    name: 'retries',
    program: seq(run('a'), run('b')),
    world: () => new World().script('do a', 'transient').script('do b', 'transient'),
  },
  {
    name: 'a save-point and its alternative',
    program: seq(run('a'), savePoint(seq(run('b'), run('c')), run('d'))),
    world: () => new World().script('do c', 'refuse'),
  },
  { name: 'a failure that the body catches', program: seq(attempt(fail('NO')), irreversible('i')) },
  {
    name: 'a cancel while a step runs',
    except: 'express',
    program: seq(run('a'), run('b')),
    world: () => new World().script('do b', 'held'),
    during: async (saga, world, { arrived, tasks }) => {
      await arrived('do b');
      await saga.cancel();
      await tasks(3);
      world.release('do b');
    },
  },
  {
    name: 'a cancel while the last step runs in its workflow task',
    only: 'express',
    program: seq(run('a'), run('b')),
    world: () => new World().script('do b', 'held'),
    during: async (saga, world, { arrived }) => {
      await arrived('do b');
      await saga.cancel();
      world.release('do b');
    },
  },
  {
    name: 'a signal while a step runs',
    except: 'express',
    program: seq(run('a'), wait('go'), run('b')),
    world: () => new World().script('do a', 'held'),
    during: async (saga, world, { arrived, tasks }) => {
      await arrived('do a');
      await saga.signal('signal', 'go');
      await tasks(2);
      world.release('do a');
    },
  },
  {
    name: 'a signal while the last step runs',
    program: seq(run('a'), run('b')),
    world: () => new World().script('do b', 'held'),
    during: async (saga, world, { arrived }) => {
      await arrived('do b');
      await saga.signal('signal', 'go');
      world.release('do b');
    },
    only: 'express',
  },
  {
    name: 'a question that a signal answers',
    program: seq(ask('x', { yes: run('a') }, fail('NO')), run('b')),
    during: async (saga, _, { tasks }) => {
      await tasks(1);
      await saga.signal(answerBySignal, 'x', 'yes');
    },
  },
  {
    name: 'a question that an Update answers, and one that comes too late',
    program: seq(ask('x', { yes: run('a') }, fail('NO')), run('b')),
    world: () => new World().script('do b', 'held'),
    during: async (saga, world, { arrived, tasks }) => {
      await tasks(1);
      await saga.executeUpdate(answerByUpdate, { args: ['x', 'yes'] });
      await arrived('do b');
      await expect(saga.executeUpdate(answerByUpdate, { args: ['x', 'no'] })).rejects.toThrow();
      world.release('do b');
    },
  },
  {
    name: 'a nested saga that completes, and is reversed',
    program: seq(run('a'), nested('n', seq(run('x'), run('y'))), run('b')),
    world: () => new World().script('do b', 'refuse'),
  },
  {
    name: 'a nested saga that is refused',
    program: seq(run('a'), nested('n', seq(run('x'), run('y'))), run('b')),
    world: () => new World().script('do y', 'refuse'),
  },
  {
    name: 'a cancel while a nested saga runs',
    except: 'express',
    program: seq(run('a'), nested('n', seq(run('x'), run('y')))),
    world: () => new World().script('do y', 'held'),
    during: async (saga, world, { arrived, tasks }) => {
      await arrived('do y');
      await saga.cancel();
      // That which learns of the cancel, and the one in which the nested saga has got it.
      await tasks(5);
      world.release('do y');
    },
  },
  ...[0, 1, -1].map((task): Trace => ({
    name: `a reset of a completed saga to its workflow task ${task}`,
    program: seq(run('a'), irreversible('i')),
    during: async (_, __, { over, reset }) => {
      await over();
      await reset(task);
    },
  })),
  ...[0, 1, -1].map((task): Trace => ({
    name: `a reset of a compensated saga to its workflow task ${task}`,
    program: seq(run('a'), run('c')),
    world: () => new World().script('do c', 'refuse', 'refuse', 'refuse'),
    during: async (_, __, { over, reset }) => {
      await over();
      await reset(task);
    },
  })),
  {
    name: 'a reset while a step runs',
    except: 'express',
    program: seq(run('a'), run('b')),
    world: () => new World().script('do b', 'held'),
    during: async (_, world, { arrived, reset }) => {
      await arrived('do b');
      await reset(-1);
      world.release('do b');
    },
  },
  ...[0, 1].map((task): Trace => ({
    name: `a reset to workflow task ${task} after an Update, which comes again`,
    except: 'express',
    program: seq(run('a'), ask('x', { yes: run('b') }, fail('NO')), run('c')),
    during: async (saga, _, { tasks, over, reset }) => {
      await tasks(2);
      await saga.executeUpdate(answerByUpdate, { args: ['x', 'yes'] });
      await over();
      await reset(task);
    },
  })),
  ...[0, 1].map((task): Trace => ({
    name: `a reset to workflow task ${task} after a signal, which comes again`,
    except: 'express',
    program: seq(run('a'), wait('go'), run('c')),
    during: async (saga, _, { tasks, over, reset }) => {
      await tasks(2);
      await saga.signal('signal', 'go');
      await over();
      await reset(task);
    },
  })),
  {
    name: 'a reset of a saga that was cancelled, which finds a step undone',
    except: 'express',
    program: seq(run('a'), wait('go'), run('b')),
    during: async (saga, _, { tasks, over, reset }) => {
      await tasks(2);
      await saga.cancel();
      await over();
      await reset(1);
    },
  },
  ...[0, 1].map((task): Trace => ({
    name: `a reset to workflow task ${task} while a nested saga runs`,
    // There the run that was reset asks two steps at once, and which one answers first is the server's matter.
    ...(task > 0 && { except: 'express' }),
    program: seq(run('a'), nested('n', seq(run('x'), run('y'))), run('b')),
    world: () => new World().script('do y', 'held'),
    during: async (_, world, { arrived, reset }) => {
      await arrived('do y');
      await reset(task);
      world.release('do y');
    },
  })),
  { name: 'a deadline that does not pass', program: run('a'), options: { deadline: '1 hour' } },
];

describe.each(placements)('%s: the dev server and the simulation write the same history', (placement) => {
  const here = traces.filter(({ except, only = placement }) => except !== placement && only === placement);
  test.each(here)('$name', async ({ program, options, world = () => new World(), during }) => {
    const real = world();
    const onServer = await harness.withWorkers(real, async () => {
      const start = { memo: placementMemo(placement) };
      const saga = await harness.start(program, undefined, start, options);
      await during?.(saga, real, {
        arrived: (operation) => real.arrived(operation),
        tasks: (count) =>
          until(
            `${count} workflow tasks`,
            async () => tasksIn((await saga.fetchHistory()).events ?? []) >= count,
          ),
        over: () => until('the end', async () => (await saga.describe()).status.name !== 'RUNNING'),
        reset: async (task) =>
          (await ResettableRun.of(harness.env.client, saga.workflowId)).resetToTask(task),
      });
      const { report } = await ended(harness.handle(saga.workflowId));
      return { report, events: (await saga.fetchHistory()).events ?? [] };
    });
    const simulated = world();
    const run_: ProgramRun = { program, placement, ...(options && { options }), ...(during && { during }) };
    const inSimulation = await simulate(workflows, simulated, run_, { seed: 1, choices: [] });
    expect(inSimulation.events.map(shown)).toEqual(onServer.events.map(shown));
    expect(states(inSimulation.report)).toEqual(states(onServer.report));
    expect(simulated.effects).toEqual(real.effects);
  });
});

/** What an event says beside ids and times. */
const shown = (event: HistoryEvent) =>
  summaryOf(event, ['activityType', 'activityId', 'signalName', 'timerId', 'markerName', 'failure']);
