import type { SagaReport, StepReport } from '../saga';

/** Some time in which a step's action or compensation ran, in epoch milliseconds. */
export interface Span {
  readonly kind: 'action' | 'compensation';
  readonly from: number;
  readonly to: number;
  /** Whether it has ended. */
  readonly ended: boolean;
}

/** A step, and when its operations ran. */
export interface StepSpans {
  readonly step: StepReport;
  readonly spans: readonly Span[];
}

/** When the steps of a saga ran, and the time that all of them took. */
export interface SagaSpans {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly StepSpans[];
}

/** @param now when what has not ended is shown to end, in epoch milliseconds. */
export function spansOf({ steps }: Pick<SagaReport, 'steps'>, now: number): SagaSpans {
  const all = steps.map((step) => ({ step, spans: spansOfStep(step, now) }));
  const times = all.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to]));
  const from = times.reduce((first, time) => Math.min(first, time), Infinity);
  const to = times.reduce((last, time) => Math.max(last, time), -Infinity);
  return times.length > 0 ? { from, to, steps: all } : { from: now, to: now, steps: all };
}

function spansOfStep({ startedAt, settledAt, compensation }: StepReport, now: number): Span[] {
  const until = settledAt ?? compensation?.startedAt;
  const action = span('action', startedAt, until, now);
  return compensation
    ? [action, span('compensation', compensation.startedAt, compensation.endedAt, now)]
    : [action];
}

function span(kind: Span['kind'], startedAt: string, endedAt: string | undefined, now: number): Span {
  const from = Date.parse(startedAt);
  // Clocks of two machines may differ.
  const to = endedAt === undefined ? Math.max(now, from) : Date.parse(endedAt);
  return { kind, from, to, ended: endedAt !== undefined };
}
