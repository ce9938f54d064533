import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Fault } from './fault';

/** An attempt of an operation that meets a fault. Both count from 1. */
export interface FaultedAttempt {
  /** Of all attempts of the operation. */
  readonly ordinal: number;
  /** A round is the attempts that Temporal makes by itself. */
  readonly round: number;
  /** Whether the saga tries on when a round is used up. */
  readonly triedOn: boolean;
}

/** The failure type of an attempt that fails before its effect and may be retried. */
const BUSY = 'BUSY';
/** The failure type of an attempt whose request or answer is lost. */
const LOST = 'LOST';
/** The failure type of a compensation that cannot be retried. */
export const BROKEN = 'BROKEN';

/** Of participants whose database is away for longer than a step is tried. */
const DATABASE_AWAY = ['DATABASE_ERROR', 'DATABASE_UNAVAILABLE'];

/**
 * Whether a step is stuck for a reason that passes: an injected fault, an attempt that one holds, a worker of an earlier run, a database
 * that is away.
 */
export function isInjected(code: string): boolean {
  return [BUSY, LOST, BROKEN, 'TIMEOUT', 'SAGA_RUNNING', ...DATABASE_AWAY].includes(code);
}

const REFUSES_TIMES = 3;

/** A fault that was injected: fails the attempts of its operation, and records whether it did. */
export class InjectedFault {
  fired = false;
  /** If set, called once, before an attempt fails and that may make the saga unwind. */
  beforeFailure?: () => Promise<void>;
  private failing: Promise<void> | undefined;
  /** An operator has done by hand what never works. */
  private resolved = false;
  /** The code for which a saga was stuck that had been reset, and that only an operator could help. */
  stuckFor?: string;
  private letGo: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });
  private arrive: () => void = () => undefined;
  /** Resolves when an attempt waits for {@link release} in its operation, or is about to fail for the first time. */
  readonly held = new Promise<void>((resolve) => {
    this.arrive = resolve;
  });

  /** @param deadlineMs of the saga; with the fault `deadline` only. */
  constructor(
    readonly fault: Fault,
    private readonly deadlineMs = 0,
  ) {}

  release(): void {
    this.letGo();
  }

  resolve(): void {
    this.resolved = true;
  }

  /** Before the effect. @throws ApplicationFailure when the attempt is to fail here. */
  async before(attempt: FaultedAttempt): Promise<void> {
    switch (this.fault.kind) {
      case 'transient':
        if (attempt.ordinal === 1) throw this.fail(BUSY);
        return;
      case 'unknown-before':
      case 'hanging-action':
        if (isLost(attempt)) throw await this.failInQuiet(LOST);
        return;
      case 'compensation-refuses':
        if (attempt.ordinal <= REFUSES_TIMES) throw this.failPermanently();
        return;
      case 'compensation-never-works':
        if (!this.resolved) throw this.failPermanently();
        return;
      case 'deadline':
        // It is in flight all the same, and the server's clock may jump: to the deadline, which is nearer.
        if (attempt.ordinal === 1) throw failure(LOST, 2 * this.deadlineMs);
        return;
      case 'cancel':
      case 'worker-restart':
      case 'stray-decision':
      case 'reset':
        // Also a later attempt: the one before it may have timed out, or have ended with its worker.
        this.arrive();
        await Promise.race([this.released, Context.current().cancelled]);
        return;
      case 'refused':
        return await this.waitForQuiet();
      case 'unknown-after':
      case 'late-duplicate':
      case 'no-worker':
      case 'reset-when-over':
      case 'lost-task':
    }
  }

  /** After the effect. @throws ApplicationFailure when the answer is to be lost. */
  async after(attempt: FaultedAttempt): Promise<void> {
    if (this.fault.kind === 'unknown-after' && isLost(attempt)) throw await this.failInQuiet(LOST);
  }

  private async failInQuiet(type: string): Promise<ApplicationFailure> {
    await this.waitForQuiet();
    return this.fail(type);
  }

  private async waitForQuiet(): Promise<void> {
    this.failing ??= this.beforeFailure?.();
    await this.failing;
    this.arrive();
  }

  private fail(type: string): ApplicationFailure {
    this.fired = true;
    return failure(type, 1);
  }

  private failPermanently(): ApplicationFailure {
    if (this.fault.kind === 'compensation-refuses') this.fired = true;
    return ApplicationFailure.nonRetryable('a fault that was injected', BROKEN);
  }
}

function isLost({ round, triedOn }: FaultedAttempt): boolean {
  return round === 1 || !triedOn;
}

function failure(type: string, nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message: 'a fault that was injected', nextRetryDelay });
}
