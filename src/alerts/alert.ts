import { createHash } from 'node:crypto';

/**
 * What an alert is about. docs/alerts.md says what to do about each.
 * - `saga-stuck`: a saga is stuck at a step and needs an operator;
 * - `compensation-failing`: the stuck step is a compensation that has used up several rounds;
 * - `task-failing`: the workflow task of a saga fails repeatedly;
 * - `deadline-passed`: the deadline of a running saga has passed;
 * - `audit-finding`: the audit found a saga whose effects are not all done or all undone;
 * - `watch-failing`: the watcher itself has failed for some minutes, so other alerts may be missing.
 */
export const alertKinds = [
  'saga-stuck',
  'compensation-failing',
  'task-failing',
  'deadline-passed',
  'audit-finding',
  'watch-failing',
] as const;
/** One of {@link alertKinds}. */
export type AlertKind = (typeof alertKinds)[number];

/** A problem that was found, or that is over. Of one saga, or of many with the same cause: then `count` is there. */
export interface Alert {
  /**
   * Identifies the problem: the same when it is raised, when it is resolved, and from a watcher that was restarted or runs
   * beside this one. At most 250 characters.
   */
  readonly key: string;
  readonly kind: AlertKind;
  readonly status: 'open' | 'resolved';
  readonly severity: 'critical' | 'warning';
  readonly namespace: string;
  /** Absent for many sagas, and for `watch-failing`. */
  readonly sagaId?: string;
  /** The name of the workflow function; the audit does not know it. */
  readonly workflow?: string;
  /** The step that is stuck; of `watch-failing` which part of the watcher fails: `poll` or `audit`. */
  readonly step?: string;
  /** The code of the failure, as far as it is known. */
  readonly code?: string;
  /** When the problem began, ISO 8601. For many sagas and for `audit-finding`: when it was first seen. */
  readonly since: string;
  /** When it was seen to be over, ISO 8601. */
  readonly resolvedAt?: string;
  /** A sentence for a person, at most 500 characters. */
  readonly message: string;
  /** How many sagas have this problem now; when it is resolved, how many had it at most. */
  readonly count?: number;
  /** Some of them. */
  readonly examples?: readonly string[];
}

const MAX_TEXT = 500;
const MAX_KEY = 250;

/** A text of a failure cut to a length that every receiver takes, on one line and without control characters. */
export function shortText(text: string, max = MAX_TEXT): string {
  // Cut before it is cleaned: a failure may carry megabytes.
  const line = text
    .slice(0, max * 2)
    .replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  return line.length > max || text.length > max * 2 ? `${line.slice(0, max - 1).toWellFormed()}…` : line;
}

/** A key from its parts. One that is too long keeps its beginning and ends in a hash of all of it. */
export function keyOf(...parts: readonly (string | undefined)[]): string {
  const key = ['unwind', ...parts].map((part) => encodeURIComponent((part ?? '').toWellFormed())).join('/');
  if (key.length <= MAX_KEY) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return `${key.slice(0, MAX_KEY - hash.length - 1)}~${hash}`;
}

/** An alert in one line: `saga-stuck: order-7 (fulfilOrder) at capture-payment: BANK_DOWN: …`. */
export function alertText({ kind, status, sagaId, workflow, step, count, code, message }: Alert): string {
  const what = count === undefined ? sagaId : `${count} sagas`;
  const where = [what, workflow && `(${workflow})`, step && `at ${step}`].filter(Boolean).join(' ');
  const text = [where, code, message].filter(Boolean).join(': ');
  return `${status === 'resolved' ? 'resolved: ' : ''}${kind}: ${text}`;
}
