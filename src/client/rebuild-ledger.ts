import { nestedSagaId } from '../saga/core/ids';
import type { StepCall, StepKind } from '../saga/call';
import { EARLIER_RUNS, readAnswer } from '../saga/reset';
import { ReceivedParts } from '../saga/stack-parts';
import { type NestedResult, withStack } from '../saga/nested';
import type { RescueEntry } from '../saga/rescue-entry';
import type { SagaClientError } from './errors';

/** An event of a saga's history that says something about a call to a participant, decoded. */
export type CallEvent =
  | {
      readonly type: 'scheduled';
      readonly eventId: number;
      /** Epoch milliseconds. */
      readonly at: number;
      readonly taskQueue: string;
      /** The type of the activity or workflow. */
      readonly name: string;
      readonly startToCloseMs: number;
      readonly summary?: string;
      readonly input: unknown;
      readonly call: StepCall;
      /** The workflow id of the saga that the step is (S10). */
      readonly nested?: string;
    }
  | {
      readonly type: 'closed';
      readonly eventId: number;
      readonly at: number;
      readonly scheduledId: number;
      readonly succeeded: boolean;
      readonly output?: unknown;
    }
  /** An entry that an earlier run of the saga carried over (S20); its numbers are those of the saga's own clock. */
  | { readonly type: 'carried'; readonly entry: RescueEntry; readonly nested?: string }
  /** A part of the compensation stack of a nested saga, handed to the saga before the nested one completed. */
  | { readonly type: 'part'; readonly part: unknown }
  /** A run of a saga that is a step, by its workflow id. */
  | { readonly type: 'nested-run'; readonly nested: string; readonly runId: string }
  /** The run whose history this one has up to a reset, or that it was continued as. */
  | { readonly type: 'other-run'; readonly is: 'base' | 'continuation'; readonly runId: string };

/** An entry as the history tells of it, also one without a compensation. */
export type RebuiltEntry = Omit<RescueEntry, 'kind' | 'nested'> & {
  /** An earlier run did it, and this one has not (S17). */
  readonly leftover?: boolean;
  /** Its position when it settles, if an earlier run has done it too. */
  readonly settlesAt?: number;
  /** The workflow id of the saga that the step is (S10). */
  readonly nested?: string;
  /** Why nothing may be undone because of that saga. */
  readonly refusal?: SagaClientError;
  /** Absent in the history of a version that did not keep it. */
  readonly kind?: StepKind;
  /** Its place on the saga's own clock; absent in the history of a version that did not keep it. */
  readonly clock?: number;
  /** Whether its compensation has succeeded. */
  readonly undone: boolean;
  /** Only for a pivot: whether what came after it shows that it was refused. */
  readonly refused: boolean;
};

/** What a saga did. */
export interface RebuiltLedger {
  /** In the order in which they began. */
  readonly entries: readonly RebuiltEntry[];
  /**
   * The pivot, if it was begun and is not known to be refused: then the saga may not be unwound. By the records a step
   * after the pivot may be all that proves it: then that step.
   */
  readonly pivot?: RebuiltEntry;
}

/**
 * Rebuilds a saga's compensation stack from its calls, in the order of the history (S13). Pure.
 *
 * An action that did not succeed, or was not answered yet, is *unknown*. A declared refusal is too, as a history does
 * not tell it from any other failure: undoing a refused step is a no-op behind the barrier. A pivot is refused
 * only if it failed and what came after proves it: a compensation, or a step that is allowed before the pivot only.
 */
export function rebuildLedger(events: Iterable<CallEvent>): RebuiltLedger {
  const entries = new Map<string, Mutable<RebuiltEntry>>();
  const calls = new Map<number, StepCall>();
  const parts = new ReceivedParts();
  let pivot: Mutable<RebuiltEntry> | undefined;
  /** Where this run begins in the order of the entries: after all that was carried over. */
  let before = 0;

  for (const event of events) {
    if (event.type === 'nested-run' || event.type === 'other-run') continue;
    if (event.type === 'part') parts.add(event.part);
    else if (event.type === 'carried') {
      const entry = carriedEntry(event);
      before = Math.max(before, entry.settled ?? entry.began);
      entries.set(entry.step, entry);
      if (entry.kind === 'pivot') pivot = entry;
    } else if (event.type === 'scheduled') {
      const { call } = event;
      const known = entries.get(call.step);
      // A reset saga calls an action again that has succeeded (S17): whatever that says, the action has an effect to undo.
      if (call.op === 'do' && known?.succeeded && !known.leftover) continue;
      calls.set(event.eventId, call);
      if (isEarlierRunsQuestion(call)) continue;
      if (pivot && hasFailed(pivot) && pivot.step !== call.step && call.kind !== 'retriable') {
        pivot.refused = true;
        pivot = undefined;
      }
      if (call.op === 'undo') continue;
      const entry = startEntry({ ...event, eventId: before + event.eventId }, known);
      // Its effect happened in that run.
      if (known?.leftover && known.settled !== undefined) entry.settlesAt = known.settled;
      entries.set(call.step, entry);
      if (call.kind === 'pivot') pivot = entry;
    } else {
      const call = calls.get(event.scheduledId);
      if (call && isEarlierRunsQuestion(call)) {
        for (const left of leftoverEntries(event, call.sagaId, before)) {
          if (entries.has(left.step)) continue;
          entries.set(left.step, left);
          if (left.kind === 'pivot') pivot ??= left;
        }
        continue;
      }
      const entry = call && entries.get(call.step);
      if (!entry) continue;
      if (call.op === 'undo') entry.undone ||= event.succeeded;
      else settle(entry, { ...event, eventId: before + event.eventId }, parts);
    }
  }
  return { entries: [...entries.values()], ...(pivot && { pivot }) };
}

/** S17: a reset run asks what earlier runs did. */
export function isEarlierRunsQuestion({ step }: StepCall): boolean {
  return step.startsWith(EARLIER_RUNS);
}

/** What the answer tells, in the order of this run's events: all of it began before what comes next. */
function leftoverEntries(
  event: CallEvent & { type: 'closed' },
  sagaId: string,
  before: number,
): Mutable<RebuiltEntry>[] {
  const { entries } = readAnswer(event.output);
  const ticks = 2 * entries.length + 1;
  return entries.map(({ nested, detached: _detached, ...entry }, index) => ({
    ...entry,
    ...(nested && { nested: nestedSagaId(sagaId, entry.step) }),
    began: before + event.eventId + (2 * index + 1) / ticks,
    settled: before + event.eventId + (2 * index + 2) / ticks,
    undone: false,
    refused: false,
    leftover: true,
  }));
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function carriedEntry({ entry: carried, nested }: CallEvent & { type: 'carried' }): Mutable<RebuiltEntry> {
  const { nested: _nested, ...entry } = carried;
  return {
    ...entry,
    ...(nested !== undefined && { nested }),
    clock: entry.began,
    undone: false,
    refused: false,
  };
}

/** A step that is tried in another round is the entry of its first round, and in flight again. */
function startEntry(
  {
    eventId,
    at,
    taskQueue,
    name,
    startToCloseMs,
    summary,
    input,
    call,
    nested,
  }: CallEvent & { type: 'scheduled' },
  earlier: RebuiltEntry | undefined,
): Mutable<RebuiltEntry> {
  return {
    step: call.step,
    ...(call.kind && { kind: call.kind }),
    taskQueue,
    action: name,
    ...(call.compensation !== undefined && { compensation: call.compensation }),
    startToCloseMs,
    ...(summary !== undefined && { summary }),
    input,
    ...(nested !== undefined && { nested }),
    ...(call.began !== undefined && { clock: call.began }),
    succeeded: false,
    began: earlier?.began ?? eventId,
    startedAt: earlier?.startedAt ?? at,
    undone: false,
    refused: false,
  };
}

function hasFailed({ settled, succeeded }: RebuiltEntry): boolean {
  return settled !== undefined && !succeeded;
}

function settle(
  entry: Mutable<RebuiltEntry>,
  event: CallEvent & { type: 'closed' },
  parts: ReceivedParts,
): void {
  entry.succeeded = event.succeeded;
  if (event.succeeded)
    entry.output = entry.nested === undefined ? event.output : withStack(event.output as NestedResult, parts);
  entry.settled = entry.settlesAt ?? event.eventId;
  entry.settledAt = event.at;
}
