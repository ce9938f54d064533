import type { DeskDecision, ResolveDecision, RetryDecision, Signature } from './decisions';
import { proposalOf } from './desk';
import type { Entry, Stuck } from './entry';
import type { Rejection } from './failures';
import { jsonBytes, MAX_PAYLOAD_BYTES } from './payload-size';
import type { SagaState } from './state';

/*
 * Why a decision of the desk is rejected now, if it is. Asked by the validators of the Updates: nothing changes.
 */

/** @returns `DESK_INVALID`, `DESK_NOT_STUCK`, `DESK_NESTED`, `DESK_DECIDED` */
export function refuseRetry(state: SagaState, decision: RetryDecision): Rejection | undefined {
  return aboutStuck(state, decision, ({ stuck }) => {
    if (stuck.op === 'do' && 'output' in decision)
      return invalid('output can be corrected for a compensation only');
    return tooLarge('input', decision.input) ?? tooLarge('output', decision.output);
  });
}

/** @returns as {@link refuseRetry} */
export function refuseResolve(state: SagaState, decision: ResolveDecision): Rejection | undefined {
  return aboutStuck(state, decision, ({ stuck }) => {
    const hasOutput = 'output' in decision;
    if (stuck.op === 'do' && !hasOutput)
      return invalid('output must say what the action would have answered; it may be null');
    if (stuck.op === 'undo' && hasOutput) return invalid('output makes no sense for a compensation');
    return tooLarge('output', decision.output);
  });
}

/** @returns as {@link refuseRetry}; `DESK_NOT_POSSIBLE`, `DESK_SAME_ACTOR` */
export function refuseSkip(state: SagaState, decision: DeskDecision, at: number): Rejection | undefined {
  return aboutStuck(state, decision, ({ entry: { id, step }, stuck }) => {
    if (stuck.op === 'do')
      return {
        code: 'DESK_NOT_POSSIBLE',
        message: `${id} is a ${step.kind} step: it must be done; retry it, or do it by hand and resolve it`,
      };
    const proposed = proposalOf(stuck, at);
    if (!proposed || !isSameActor(proposed.actor, decision.actor)) return undefined;
    const message = `${decision.actor} has proposed the skip; another actor must confirm it`;
    return { code: 'DESK_SAME_ACTOR', message };
  });
}

/** @returns `DESK_INVALID`, `DESK_NOT_POSSIBLE` */
export function refuseAbandon(
  { phase }: SagaState,
  signature: Signature,
  status: string,
): Rejection | undefined {
  const unsigned = refuseSignature(signature);
  if (unsigned || phase === 'forward') return unsigned;
  return { code: 'DESK_NOT_POSSIBLE', message: `the saga cannot be abandoned: it is ${status}` };
}

function aboutStuck(
  { ledger }: SagaState,
  decision: DeskDecision,
  check: (about: { entry: Entry; stuck: Stuck }) => Rejection | undefined,
): Rejection | undefined {
  const unsigned = refuseSignature(decision);
  if (unsigned) return unsigned;
  const entry = ledger.find(decision.step);
  if (!entry) return invalid(`step must name a step of this saga, got ${JSON.stringify(decision.step)}`);
  const { id, stuck } = entry;
  if (!stuck) return { code: 'DESK_NOT_STUCK', message: `${id} is not stuck` };
  if (stuck.nested !== undefined)
    return {
      code: 'DESK_NESTED',
      message: `${id} is a saga that is stuck itself: decide at the desk of ${stuck.nested}`,
    };
  if (stuck.decided) return { code: 'DESK_DECIDED', message: `${id} has just been decided` };
  return check({ entry, stuck });
}

/** Whether two names are written for one person: case, spaces, how a letter is composed and what is invisible do not count. */
function isSameActor(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

function plainName(actor: string): string {
  return actor
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

function tooLarge(field: string, value: unknown): Rejection | undefined {
  const bytes = jsonBytes(value);
  if (bytes <= MAX_PAYLOAD_BYTES) return undefined;
  return invalid(`${field} has ${bytes} bytes as JSON, and may have ${MAX_PAYLOAD_BYTES}`);
}

/** In UTF-16 units. All of it is kept in the report, which must fit into what a saga closes with. */
const MAX_LENGTHS = { actor: 200, reason: 2_000, ticket: 200 };

/** Who decides and why must be said. */
function refuseSignature(signature: Partial<Signature> | undefined): Rejection | undefined {
  for (const [field, max] of Object.entries(MAX_LENGTHS)) {
    const value = signature?.[field as keyof Signature] as unknown;
    if (field === 'ticket' && value === undefined) continue;
    if (typeof value === 'string' && value.trim() !== '' && value.length <= max) continue;
    return invalid(`${field} must be a text of 1 to ${max} characters`);
  }
  return undefined;
}

function invalid(message: string): Rejection {
  return { code: 'DESK_INVALID', message };
}
