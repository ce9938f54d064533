import type { DeskAct, DeskDecision, ResolveDecision, RetryDecision, Signature } from './decisions';
import type { Corrections, Stuck, Verdict } from './entry';
import { instant } from './instant';
import type { Ledger } from './ledger';
import type { CorePolicy } from './policy';

/** What the desk of a saga is about. */
interface DeskState {
  readonly policy: CorePolicy;
  readonly ledger: Ledger;
  readonly deskActs: DeskAct[];
}

/** After it a proposal counts no longer, and the next skip is a new one. */
const PROPOSAL_MS = 24 * 3_600_000;

/*
 * What an operator can do to a stuck saga (S6). A decision that makes no sense now is rejected by a validator
 * (`desk-checks.ts`) and leaves no trace; an accepted one is in the report for good. A decision, or a proposal, belongs to the
 * operation that is stuck: it ends with it, and decides nothing about a later operation of the same step.
 */

/** @param summary of the corrected input. */
export function retried(
  state: DeskState,
  { decision, summary, at }: { decision: RetryDecision; summary?: string | undefined; at: number },
): void {
  const corrections: Corrections = {
    ...('input' in decision && { input: decision.input }),
    ...('output' in decision && { output: decision.output }),
    ...(summary !== undefined && { summary }),
  };
  const corrected = 'input' in decision || 'output' in decision;
  const act = record(state, 'retry', decision, at, corrected);
  decide(state, decision, { verb: 'retry', corrections }, act);
}

export function resolved(
  state: DeskState,
  { decision, at }: { decision: ResolveDecision; at: number },
): void {
  const act = record(state, 'resolve', decision, at);
  decide(state, decision, { verb: 'resolve', output: decision.output }, act);
}

/** The first of two skips is a proposal, if the saga asks for two. */
export function skipped(state: DeskState, { decision, at }: { decision: DeskDecision; at: number }): void {
  const stuck = state.ledger.find(decision.step)?.stuck;
  if (stuck && state.policy.skipNeedsTwo && !proposalOf(stuck, at)) {
    stuck.proposal = { actor: decision.actor, madeAt: at };
    record(state, 'propose-skip', decision, at);
    return;
  }
  decide(state, decision, { verb: 'skip' }, record(state, 'skip', decision, at));
}

export function abandoned(state: DeskState, { signature, at }: { signature: Signature; at: number }): void {
  record(state, 'abandon', signature, at);
}

/** The proposal to skip that counts now. */
export function proposalOf({ proposal }: Stuck, at: number): Stuck['proposal'] {
  return proposal && at - proposal.madeAt < PROPOSAL_MS ? proposal : undefined;
}

function decide(state: DeskState, { step }: DeskDecision, verdict: Verdict, act: DeskAct): void {
  const stuck = state.ledger.find(step)?.stuck;
  if (stuck) {
    stuck.decided = { verdict, act };
    delete stuck.proposal;
  } else act.declined = true;
}

function record(
  { deskActs }: DeskState,
  verb: DeskAct['verb'],
  { actor, reason, ticket, step }: Signature & { readonly step?: string },
  at: number,
  corrected = false,
): DeskAct {
  const act: DeskAct = {
    verb,
    ...(step !== undefined && { step }),
    actor,
    reason,
    ...(ticket !== undefined && { ticket }),
    ...(corrected && { corrected }),
    at: instant(at),
  };
  deskActs.push(act);
  return act;
}
