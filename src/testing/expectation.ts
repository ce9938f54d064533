import { isDeepStrictEqual } from 'node:util';
import { CANCELLED, DEADLINE_EXCEEDED, type Placement } from '../saga';
import { remainingSteps } from './effect';
import { type Fault, isBeforePivot } from './fault';
import { isNested } from './participants';
import type { Observation } from './observation';

/**
 * What a fault may make of a saga that would have ended as `base` without it. Derived from the rules:
 * - `same`: what is retried until it is known ends as if nothing had been (S5, S7), and after the pivot a cancel or
 *   a deadline is declined (S8);
 * - `unwound`: by a cancel or a deadline before the pivot;
 * - `failed`: the step failed, so the saga is unwound, or completed another way without the step (S9).
 *
 * - `kept`: of what a reset leads to, only that the promise is kept.
 *
 * In an express saga every action is retried until it is known, and a cancel or a deadline waits until no step runs: it
 * is then declined or not, as the report says.
 */
type Expectation = 'same' | 'unwound' | 'failed' | 'kept';

function expectationOf(
  { kind, at }: Fault,
  run: Observation,
  base: Observation,
  placement: Placement,
): Expectation {
  const operation = base.operations.get(at);
  const nested = operation !== undefined && isNested(operation);
  const express = placement === 'express' && !nested;
  const isAction = operation?.call.op === 'do';
  const beforePivot = isAction && isBeforePivot(operation.kind);
  switch (kind) {
    case 'refused':
      return 'failed';
    case 'unknown-before':
    case 'unknown-after':
    case 'hanging-action':
      return beforePivot && !express ? 'failed' : 'same';
    case 'cancel':
    case 'deadline':
      if (placement === 'express' && run.report?.[kind]?.effect === 'declined') return 'same';
      // A saga that is a step stands before the pivot, wherever in it the fault strikes.
      return beforePivot || (isAction && nested) ? 'unwound' : 'same';
    case 'transient':
    case 'late-duplicate':
    case 'compensation-refuses':
    case 'compensation-never-works':
    case 'worker-restart':
    case 'stray-decision':
    case 'lost-task':
    case 'no-worker':
      return 'same';
    case 'reset':
    case 'reset-when-over':
      return 'kept';
  }
}

/** How a run with a fault differs from what the rules make of it. Empty when it does not. */
export function findUnexpected(
  fault: Fault,
  run: Observation,
  base: Observation,
  placement: Placement = 'participants',
): string[] {
  switch (expectationOf(fault, run, base, placement)) {
    case 'same':
      return [
        ...findDifferences(run, base),
        ...(base.report?.[fault.kind as 'cancel'] ? [] : findNotDeclined(fault, run)),
      ];
    case 'unwound':
      return findNotUnwound(fault, run);
    case 'failed':
      return findStillRemaining(fault, run, base);
    case 'kept':
      return [];
  }
}

function findDifferences(run: Observation, base: Observation): string[] {
  const [now, then] = [endOf(run), endOf(base)];
  if (isDeepStrictEqual(now, then)) return [];
  return [`it ended as ${JSON.stringify(now)}; without the fault as ${JSON.stringify(then)}`];
}

function endOf({ outcome, effects }: Observation) {
  const reason = 'reason' in outcome ? { reason: outcome.reason.code } : {};
  return { outcome: outcome.kind, ...reason, remaining: remainingSteps(effects) };
}

/** S8: who asked too late is told so. */
function findNotDeclined({ kind, at }: Fault, { report }: Observation): string[] {
  if (kind !== 'cancel' && kind !== 'deadline') return [];
  // The clock of a saga that unwinds is stopped.
  if (kind === 'deadline' && at.startsWith('undo ')) return [];
  const effect = report?.[kind]?.effect;
  return effect === 'declined'
    ? []
    : [`the ${kind} came too late, and the report says ${effect ?? 'nothing'}`];
}

function findNotUnwound({ kind }: Fault, { outcome, report }: Observation): string[] {
  const code = kind === 'cancel' ? CANCELLED : DEADLINE_EXCEEDED;
  const kinds =
    kind === 'cancel' ? ['cancelled', 'partly-compensated'] : ['compensated', 'partly-compensated'];
  return [
    ...(kinds.includes(outcome.kind)
      ? []
      : [`the ${kind} came before the pivot, and the saga is ${outcome.kind}`]),
    ...(report?.reason?.code === code
      ? []
      : [`its reason is ${report?.reason?.code ?? 'missing'}, not ${code}`]),
  ];
}

/** A saga that completed all the same went another way: what comes after its pivot is done, as without the fault. */
function findStillRemaining({ at }: Fault, { outcome, effects }: Observation, base: Observation): string[] {
  if (outcome.kind !== 'completed') return [];
  const remaining = new Set(remainingSteps(effects));
  const step = at.replace(/^do /, '');
  const missing = [...base.operations.values()].filter(
    (one) => one.call.op === 'do' && !isBeforePivot(one.kind) && !isNested(one) && !remaining.has(one.step),
  );
  return [
    ...(remaining.has(step) ? [`${step} failed, and remains`] : []),
    ...(base.outcome.kind === 'completed' ? missing : []).map(({ name }) => `it completed without ${name}`),
  ];
}
