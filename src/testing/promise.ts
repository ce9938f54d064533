import { isDeepStrictEqual } from 'node:util';
import type { SagaOutcome } from '../client';
import type { Undo } from '../saga';
import { type Effect, outermostStep, remainingSteps } from './effect';
import type { Observation } from './observation';
import { findWrongOrder } from './order';

/**
 * What in a run breaks the promise of a saga: its effects end all done or all undone, nothing is undone that never
 * happened, nothing happens twice, what was sent is undone, and an unwinding keeps its order. Empty when all is well.
 *
 * The order of a saga that was reset is not looked at, nor that of one that was terminated in the middle of something: what two
 * of its runs, or it and its rescue, did at the same time has none.
 */
export function findBrokenPromises(run: Observation): string[] {
  return [
    ...run.problems,
    ...findWrongActions(run.effects),
    ...findWrongUndos(run),
    ...findWrongEnd(run),
    ...findReportErrors(run),
    ...(run.wasReset || run.wasInterrupted ? [] : findWrongOrder(run)),
  ];
}

/** S21: a compensation is given what its action was sent, and what that answered if the answer came. */
function findWrongUndos({ effects, operations }: Observation): string[] {
  return effects.flatMap(({ op, step, output }) => {
    const undo = operations.get(`undo ${step}`);
    if (op !== 'undo' || !undo || undo.call.corrected) return [];
    const given = undo.argument as Undo<unknown, unknown>;
    const sent = operations.get(`do ${step}`)?.argument;
    return [
      ...(isDeepStrictEqual(given.input, sent) ? [] : [`S21: undo ${step} was given another input`]),
      ...(given.output === undefined || isDeepStrictEqual(given.output, output)
        ? []
        : [`S21: undo ${step} was given another output`]),
    ];
  });
}

function findWrongActions(effects: readonly Effect[]): string[] {
  const seen = new Set<string>();
  return effects.flatMap(({ op, step }) => {
    const wrong = [
      ...(seen.has(`${op} ${step}`) ? [`${op} ${step} had its effect twice`] : []),
      ...(op === 'undo' && !seen.has(`do ${step}`) ? [`${step} was undone and had never happened`] : []),
    ];
    seen.add(`${op} ${step}`);
    return wrong;
  });
}

function findWrongEnd(run: Observation): string[] {
  switch (run.outcome.kind) {
    case 'completed':
      return findUnansweredEffects(run);
    case 'compensated':
    case 'cancelled':
    case 'partly-compensated':
      return findEffectsNotUndone(run, run.outcome.kind);
    case 'terminated':
      if (run.rescue) return findLeftByRescue(run, run.rescue);
      return [`it is terminated, neither completed nor undone`];
    case 'failed':
    case 'running':
    case 'stuck':
      return [`it is ${run.outcome.kind}, neither completed nor undone`];
  }
}

/** A rescue is a saga that completes when it has undone all that can be undone. */
function findLeftByRescue(run: Observation, rescue: SagaOutcome<unknown>): string[] {
  if (rescue.kind !== 'completed') return [`it was terminated, and its rescue is ${rescue.kind}`];
  const kind = rescue.effectsRemain ? 'partly-compensated' : 'compensated';
  return findEffectsNotUndone(run, kind);
}

/** A completed saga may have gone another way, but keeps nothing of which it had no answer (S9), or does not say that it does. */
function findUnansweredEffects(run: Observation): string[] {
  const { operations, effects, outcome, report } = run;
  const skipped = skippedSteps(run);
  const unknown = new Set(report?.steps.filter(({ state }) => state === 'unknown').map(({ name }) => name));
  return remainingSteps(effects).flatMap((step) => {
    if (skipped.has(outermostStep(step)))
      return 'effectsRemain' in outcome ? [] : [`it says completed, and ${step} remains, which was skipped`];
    if (operations.get(`do ${step}`)?.answered && !unknown.has(step)) return [];
    return [`it completed, and ${step} remains although its answer never came`];
  });
}

/** Those of the saga itself whose compensation an operator has skipped: of a nested saga, all that it did may remain. */
function skippedSteps({ report }: Observation): Set<string> {
  return new Set(report?.steps.filter(({ state }) => state === 'skipped').map(({ name }) => name));
}

/** Of a saga that was reset to before its pivot, and unwound, what came after the pivot is left too: it says so. */
function findEffectsNotUndone(run: Observation, kind: string): string[] {
  const { operations, effects, wasReset } = run;
  const isPartly = kind === 'partly-compensated';
  const kindOf = (step: string) => operations.get(`do ${step}`)?.kind;
  const mayBeLeft = wasReset && isPartly ? ['irreversible', 'retriable'] : ['irreversible'];
  const skipped = isPartly ? skippedSteps(run) : new Set();
  const left = remainingSteps(effects).filter(
    (step) => !mayBeLeft.includes(kindOf(step) ?? '') && !skipped.has(outermostStep(step)),
  );
  const mayRemain = [...operations.values()].some(
    ({ call, kind, answered }) => call.op === 'do' && kind === 'irreversible' && answered,
  );
  return [
    ...left.map((step) => `it is ${kind}, and ${step} remains`),
    ...(mayRemain && !isPartly ? [`it says ${kind}, although an irreversible step remains`] : []),
  ];
}

/** The report says of each step what is so. */
function findReportErrors(run: Observation): string[] {
  const { report, effects, operations, wasReset, resetWhenOver, rescue } = run;
  // What a saga says that was terminated ends with it.
  if (rescue) return [];
  if (!report) return ['it gives no report'];
  const remaining = new Set(remainingSteps(effects).map(outermostStep));
  const acted = new Set(effects.map(({ step }) => outermostStep(step)));
  const names = new Set(report.steps.map(({ name }) => name));
  return report.steps
    .flatMap(({ name, kind, state }) => {
      // Of a saga that is a step and did nothing but read, nothing ever remains.
      if (kind === 'read-only' || !acted.has(name) || resetWhenOver?.has(name)) return [];
      const claims =
        state === 'succeeded' ? true : state === 'compensated' || state === 'refused' ? false : undefined;
      if (claims === undefined || claims === remaining.has(name)) return [];
      return [
        `the report says that ${name} is ${state}, and its effect ${claims ? 'does not remain' : 'remains'}`,
      ];
    })
    .concat(
      [...operations.values()]
        .filter(({ call, step }) => call.op === 'do' && !names.has(outermostStep(step)))
        // A reset saga has forgotten what it did after that point; nothing of it may remain.
        .filter(({ step }) => !wasReset || remaining.has(outermostStep(step)))
        .map(({ name }) => `the report knows nothing of ${name}`),
    );
}
