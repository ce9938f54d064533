import { setTimeout as sleep } from 'node:timers/promises';
import { abandonSaga, retryStep, resolveStep, skipStep } from '../saga/handlers';
import type { Signature } from '../saga/core/decisions';
import type { DescribedSaga } from './describe-saga';
import { SagaClientError } from './errors';
import type { SagaClient } from './saga-client';

/** What can be done to many sagas. `resolve` is for stuck compensations only: what an action would have answered differs. */
export const bulkVerbs = ['retry', 'resolve', 'skip', 'abandon', 'cancel', 'rescue', 'reverse'] as const;
/** One of {@link bulkVerbs}. */
export type BulkVerb = (typeof bulkVerbs)[number];

/** What to do to many sagas, and who decides it. */
export interface BulkAct extends Signature {
  readonly verb: BulkVerb;
  /** For `retry`, `resolve`, `skip`: only this step. @default every stuck step of the saga */
  readonly step?: string;
}

/** What to do to one saga. */
export interface SagaAct extends BulkAct {
  /** For `retry`: what to call the action with from now on. */
  readonly input?: unknown;
  /** For `resolve`: what the action would have answered; for the `retry` of a compensation: what its action answered. */
  readonly output?: unknown;
}

/** How long to wait. */
export interface ActOptions {
  /** How long to wait for the effect on one saga, in milliseconds. @default 10 000 */
  readonly effectWithinMs?: number;
}

/** How many sagas at once. */
export interface BulkOptions extends ActOptions {
  /** Sagas a second at most. @default 10 */
  readonly perSecond?: number;
  /** No further saga is begun once it is aborted. */
  readonly signal?: AbortSignal;
}

/** What became of one saga. */
export interface BulkResult extends BulkAct {
  readonly sagaId: string;
  /** When it was decided, ISO 8601. */
  readonly at: string;
  /**
   * - `done`: the effect was seen: the saga is not stuck there any more, unwinds or has ended;
   * - `pending`: accepted, and the effect was not seen in time;
   * - `still-stuck`: the retry failed again;
   * - `refused`: nothing was changed, `message` says why;
   * - `nothing-to-do`: the saga is not in a state for this;
   * - `failed`: it is not known whether it was accepted.
   */
  readonly result: 'done' | 'pending' | 'still-stuck' | 'refused' | 'nothing-to-do' | 'failed';
  readonly message?: string;
  /** The state of the saga afterwards. */
  readonly state?: string;
  /** After `rescue` and `reverse`: the saga that undoes it. */
  readonly rescueId?: string;
}

const MAX_AT_ONCE = 20;
const ASK_EVERY_MS = 200;

/** Does something to many sagas, and sees what came of it. Results come in the order in which they are known. */
export async function* actOnMany(
  client: SagaClient,
  sagaIds: Iterable<string>,
  act: BulkAct,
  { perSecond = 10, signal, ...options }: BulkOptions = {},
): AsyncGenerator<BulkResult> {
  const inFlight = new Map<string, Promise<BulkResult>>();
  /** The results until `pause` ends, or the next one. */
  const known = async function* (pause?: Promise<undefined>) {
    do {
      const result = await Promise.race([...inFlight.values(), ...(pause ? [pause] : [])]);
      if (!result) return;
      inFlight.delete(result.sagaId);
      yield result;
    } while (pause);
  };
  for (const sagaId of new Set(sagaIds)) {
    if (signal?.aborted) break;
    inFlight.set(sagaId, actOnSaga(client, sagaId, act, options));
    yield* known(sleep(1_000 / perSecond, undefined));
    if (inFlight.size >= MAX_AT_ONCE) yield* known();
  }
  while (inFlight.size > 0) yield* known();
}

/** Does something to one saga, and sees what came of it. What goes wrong is in the result. */
export async function actOnSaga(
  client: SagaClient,
  sagaId: string,
  act: SagaAct,
  { effectWithinMs = 10_000 }: ActOptions = {},
): Promise<BulkResult> {
  const { verb, actor, reason, ticket, step } = act;
  const decided: Omit<BulkResult, 'result'> = {
    ...{ verb, actor, reason },
    ...(ticket !== undefined && { ticket }),
    ...(step !== undefined && { step }),
    ...{ sagaId, at: new Date().toISOString() },
  };
  try {
    const before = await client.describe(sagaId);
    const { unreported } = before;
    if (isAboutSteps(act.verb) && unreported !== undefined)
      return { ...decided, result: 'refused', message: unreported };
    const steps = stuckStepsOf(before, act.step);
    const sent = await send(client, before, steps, act);
    if (!sent) return { ...decided, result: 'nothing-to-do', state: before.state };
    return { ...decided, ...(await awaitEffect(client, before, steps, act, effectWithinMs)) };
  } catch (error) {
    if (!(error instanceof SagaClientError))
      return { ...decided, result: 'failed', message: (error as Error).message };
    const result = error.code === 'NO_ANSWER' ? 'failed' : 'refused';
    return { ...decided, result, message: `${error.code}: ${error.message}` };
  }
}

/** @returns whether anything was asked for. */
async function send(
  client: SagaClient,
  { sagaId, closedAt }: DescribedSaga,
  steps: readonly string[],
  { verb, actor, reason, ticket, ...corrected }: SagaAct,
): Promise<boolean> {
  const signature = { actor, reason, ...(ticket !== undefined && { ticket }) };
  switch (verb) {
    case 'rescue':
    case 'reverse':
      await client[verb](sagaId);
      return true;
    case 'cancel':
      if (closedAt) return false;
      await client.cancel(sagaId);
      return true;
    case 'abandon':
      if (closedAt) return false;
      await client.update(sagaId, abandonSaga, signature);
      return true;
    default: {
      const update = { retry: retryStep, resolve: resolveStep, skip: skipStep }[verb];
      for (const step of steps)
        await client.update(sagaId, update, {
          ...{ step, ...signature },
          ...('input' in corrected && { input: corrected.input }),
          ...('output' in corrected && { output: corrected.output }),
        });
      return steps.length > 0;
    }
  }
}

type Effect = Pick<BulkResult, 'result' | 'state' | 'rescueId'>;

async function awaitEffect(
  client: SagaClient,
  before: DescribedSaga,
  steps: readonly string[],
  act: BulkAct,
  withinMs: number,
): Promise<Effect> {
  const end = Date.now() + withinMs;
  for (;;) {
    const now = await client.describe(before.sagaId);
    const { verb } = act;
    const seen =
      verb === 'rescue' || verb === 'reverse'
        ? await undoingEffect(client, before.sagaId, verb)
        : effectOf(before, now, steps, act);
    if (seen) return seen;
    if (Date.now() > end) return { result: 'pending', state: now.state };
    await sleep(ASK_EVERY_MS);
  }
}

/** Rescue and reverse are idempotent: asked for again, they name the workflow that undoes the saga. */
async function undoingEffect(
  client: SagaClient,
  sagaId: string,
  verb: 'rescue' | 'reverse',
): Promise<Effect | undefined> {
  const { rescueId } = await client[verb](sagaId);
  const outcome = await client.outcome(rescueId);
  if (outcome.kind === 'running') return undefined;
  if (outcome.kind === 'completed')
    return { result: 'done', state: verb === 'rescue' ? 'rescued' : 'reversed', rescueId };
  return { result: outcome.kind === 'stuck' ? 'still-stuck' : 'refused', state: outcome.kind, rescueId };
}

function effectOf(
  before: DescribedSaga,
  now: DescribedSaga,
  steps: readonly string[],
  { verb }: BulkAct,
): Effect | undefined {
  const { state } = now;
  if (now.closedAt) return { result: 'done', state };
  if (verb === 'cancel') {
    const effect = now.report?.cancel?.effect;
    return effect === undefined || effect === 'pending'
      ? undefined
      : { result: effect === 'declined' ? 'refused' : 'done', state };
  }
  if (verb === 'abandon') return now.report?.reason ? { result: 'done', state } : undefined;
  const still = now.report?.steps.filter(({ name, stuck }) => stuck && steps.includes(name));
  if (!still) return undefined;
  if (still.length === 0) return { result: 'done', state };
  const again = still.some(({ name, stuck }) => {
    const was = before.report?.steps.find((step) => step.name === name)?.stuck;
    return stuck && was && stuck.rounds > was.rounds;
  });
  return again ? { result: 'still-stuck', state } : undefined;
}

/** Whether the verb is sent for each stuck step, which only a report names. */
function isAboutSteps(verb: BulkVerb): boolean {
  return verb === 'retry' || verb === 'resolve' || verb === 'skip';
}

function stuckStepsOf({ report }: DescribedSaga, step: string | undefined): string[] {
  const stuck = (report?.steps ?? []).filter((each) => each.stuck !== undefined).map(({ name }) => name);
  return step === undefined ? stuck : stuck.filter((name) => name === step);
}
