import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Placement } from '../saga';
import type { OperationName } from './fault';
import { BROKEN, InjectedFault } from './injected-fault';
import type { ParticipantBackend } from './participant-backend';
import { Participants } from './participants';
import type { SagaUnderTest } from './saga-under-test';
import type { SeenOperation } from './seen-operation';
import type { FaultRates } from './simulation/faults';
import type { Simulation } from './simulation/simulation';

/** How often an attempt is late, takes long, or is put off: once in so many times. */
const [ONCE_LATE, ONCE_SLOW, ONCE_PUT_OFF] = [50, 40, 40];
const LATE_MS = 5_000;
/** Parts of the time that an attempt may take. */
const SLOW = [0.1, 0.5, 0.9];
const PUT_OFF_MS = [1_000, 15_000, 600_000, 2 * 3_600_000, 'for good'] as const;
/** For how long a step does not work, from its first attempt on. */
const BROKEN_MS = [30_000, 3_600_000];

/** Makes what participants keep their effects with. */
export type MakeBackend = (
  saga: SagaUnderTest,
  simulation: Simulation,
  faults: FaultRates,
) => ParticipantBackend;

/** What may go wrong with the participants of a saga. */
export interface Troubles {
  readonly placement: Placement;
  /** The actions of which one may be refused. */
  readonly refusable: readonly OperationName[];
  /** Those of the steps of which one may not work for a time. */
  readonly actions: readonly OperationName[];
  readonly faults?: FaultRates;
  /** What the participants keep their effects with. @default in memory */
  readonly backend?: MakeBackend;
}

/** The participants of a saga in one schedule, and whether one of its steps does not work for a time. */
export interface TroubledParticipants {
  readonly participants: Participants;
  readonly isBroken: boolean;
}

/** Participants of which one may refuse, or may not work for a time, and whose attempts are late, slow, or put off by chance. */
export function participantsIn(
  simulation: Simulation,
  saga: SagaUnderTest,
  sagaId: string,
  { placement, refusable, actions, faults: rates = {}, backend }: Troubles,
): TroubledParticipants {
  const chosen = simulation.pick(2 * refusable.length + actions.length + 1) - 1;
  const action = actions[chosen - refusable.length];
  const broken = action && new BrokenStep(simulation, action);
  const refused = broken ? refusable[simulation.pick(refusable.length + 1) - 1] : refusable[chosen];
  const faults = refused ? [new InjectedFault({ kind: 'refused', at: refused })] : [];
  const participants: Participants = new Participants(
    saga,
    sagaId,
    placement,
    faults,
    undefined,
    async ({ operation }, next) => {
      await broken?.meet(operation);
      if (simulation.pick(ONCE_LATE) === ONCE_LATE - 1) {
        // It arrives when its answer is not waited for any more, and the next attempt may have come before.
        simulation.later(LATE_MS, () => void participants.deliverAgain(operation.name));
        throw ApplicationFailure.retryable('the request is late', 'LOST');
      }
      if (simulation.pick(ONCE_PUT_OFF) === ONCE_PUT_OFF - 1) {
        const nextRetryDelay = PUT_OFF_MS[simulation.pick(PUT_OFF_MS.length)] ?? 0;
        if (nextRetryDelay === 'for good') throw ApplicationFailure.nonRetryable('it does not work', BROKEN);
        throw ApplicationFailure.create({ type: 'BUSY', message: 'come again later', nextRetryDelay });
      }
      if (simulation.pick(ONCE_SLOW) === ONCE_SLOW - 1)
        await takeTime(simulation, SLOW[simulation.pick(SLOW.length)] ?? 0);
      return await next();
    },
    backend?.(saga, simulation, rates),
  );
  return { participants, isBroken: broken !== undefined };
}

/** @param part of the time that the attempt may take */
async function takeTime(simulation: Simulation, part: number): Promise<void> {
  await simulation.sleep(part * Context.current().info.startToCloseTimeoutMs);
}

/** A step whose compensation, and maybe its action, does not work for a time, and is slow when it does. */
class BrokenStep {
  private readonly step: string;
  private readonly forMs: number;
  private readonly alsoAction: boolean;
  private readonly since = new Map<OperationName, number>();

  constructor(
    private readonly simulation: Simulation,
    action: OperationName,
  ) {
    this.step = action.slice('do '.length);
    this.forMs = BROKEN_MS[simulation.pick(BROKEN_MS.length)] ?? 0;
    this.alsoAction = simulation.pick(3) < 2;
  }

  /** @throws ApplicationFailure that is not to be retried, as long as the operation does not work. */
  async meet({ name, step, call }: SeenOperation): Promise<void> {
    const { simulation, since, forMs } = this;
    const isMet = call.op === 'undo' || (call.op === 'do' && this.alsoAction);
    if (step !== this.step || !isMet) return;
    const first = since.get(name) ?? simulation.now;
    since.set(name, first);
    if (simulation.now < first + forMs) throw ApplicationFailure.nonRetryable('it does not work', BROKEN);
    await takeTime(simulation, 0.5);
  }
}
