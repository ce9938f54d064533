import { deepStrictEqual } from 'node:assert/strict';
import { CoreAdapter } from './core-adapter';
import type { ModelState, Trace } from './trace';

/** Does to the engine's state machine what the model did. @throws Error where the two do not agree. */
export function replay(trace: Trace): void {
  const [first, ...rest] = trace;
  if (!first) throw new Error('a trace without a state');
  const core = new CoreAdapter(first.state.s.goOn);
  const way: string[] = [];
  let before = first.state;
  for (const { action, picks, state } of rest) {
    way.push(`${action} ${JSON.stringify(picks)}`);
    try {
      const begun = core.apply(action, picks);
      deepStrictEqual(begun, action === 'advances' ? before.view.due : []);
      compare(core, state);
    } catch (error) {
      throw new Error(`${(error as Error).message}\nafter:\n${way.join('\n')}`, { cause: error });
    }
    before = state;
  }
}

function compare(core: CoreAdapter, { s, view }: ModelState): void {
  const over = ['Completed', 'Compensated', 'Cancelled'].includes(s.phase);
  deepStrictEqual(core.observed, {
    phase: s.phase,
    faulted: s.faulted,
    entries: s.entries.map(({ kind, outcome, undo, stuck, asked, told }) => ({
      ...{ kind, outcome, undo, stuck, asked, told },
    })),
    savePoints: s.savePoints.map(({ failed, ended }) => ({ failed, ended })),
    standing: [...view.standing].sort((a, b) => a - b),
    interruptions: Object.fromEntries(s.interruptions),
    ...(!over && !s.faulted && { canAdvance: view.canAdvance }),
  });
  for (const [index, { stuck, undo }] of s.entries.entries()) {
    const undoing = undo === 'Undoing';
    deepStrictEqual(core.decisions(index), {
      retry: stuck,
      skip: stuck && undoing,
      resolveAction: stuck && !undoing,
      resolveCompensation: stuck && undoing,
    });
  }
  for (const savePoint of view.orphaned)
    deepStrictEqual(core.isOrphaned(savePoint), true, `save-point ${savePoint}: the body may go on in it`);
  if (s.phase === 'Forward' && !view.mayPivot)
    deepStrictEqual(core.refusesPivot, true, 'a pivot may begin with a step in flight or a save-point open');
}
