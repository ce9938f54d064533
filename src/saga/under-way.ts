import { CancellationScope } from '@temporalio/workflow';
import type { Entry } from './core/entry';
import type { Operation, Ticket } from './core/pending';
import type { SagaState } from './core/state';
import { engineScope, type QuickScope } from './scopes';

/** What is known of an operation: the scope of all its rounds, if it has one; else how to cancel its round. */
interface Known {
  scope?: QuickScope;
  cancel?: () => void;
}

/**
 * The operations of a saga that are under way, and what they end with. A compensation cannot be cancelled (S4), nor can an action that
 * is tried until its outcome is known. Any other action ends with the scope in which the body has asked for it, and when the state asks it
 * to.
 */
export class UnderWay {
  private readonly operations = new Map<Operation, Known>();
  /** The scope in which the body has asked for a step, by its ticket, if it was one of its own. */
  private askedIn: Map<Ticket, CancellationScope> | undefined;

  /** @param scope of the body, in which the engine works too. */
  constructor(
    private readonly state: SagaState,
    private readonly scope: QuickScope,
  ) {}

  /** The body asks for a step. */
  askedFor(ticket: Ticket): void {
    const scope = CancellationScope.current();
    if (scope !== this.scope) (this.askedIn ??= new Map<Ticket, CancellationScope>()).set(ticket, scope);
  }

  /**
   * Runs what begins a round of an operation. A scope of its own costs as much as the activity itself, so there is one only where
   * another than the body's is involved, or a timer.
   */
  run(operation: Operation, begin: () => void): void {
    const { type, entry, ticket } = operation;
    const isAskedElsewhere = type === 'act' && ticket !== undefined && this.askedIn?.has(ticket);
    const needsOwn =
      isAskedElsewhere ||
      entry.step.nested !== undefined ||
      entry.stuck !== undefined ||
      this.operations.get(operation)?.scope !== undefined;
    const scope = needsOwn ? this.scopeOf(operation) : this.scope;
    scope.enter(begin);
  }

  /** The operation's own scope. */
  scopeOf(operation: Operation): QuickScope {
    const { type, ticket } = operation;
    const parent = type === 'act' && ticket !== undefined ? this.askedIn?.get(ticket) : undefined;
    return (this.known(operation).scope ??= engineScope({
      cancellable: this.isCancellable(operation),
      parent: parent ?? this.scope,
    }));
  }

  onCancel(operation: Operation, cancel: () => void): void {
    this.known(operation).cancel = cancel;
  }

  /** The state asks an entry's action to end. */
  cancel(entry: Entry): void {
    for (const [operation, { scope, cancel }] of this.operations) {
      if (operation.entry !== entry || !this.isCancellable(operation)) continue;
      if (scope) scope.cancel();
      else cancel?.();
    }
  }

  /** An answer has its turn later, so not only the operation that was answered may have ended. */
  forgetEnded(): void {
    const { operations } = this.state;
    for (const operation of this.operations.keys()) {
      if (operations.includes(operation)) continue;
      this.operations.delete(operation);
      if (operation.ticket !== undefined) this.askedIn?.delete(operation.ticket);
    }
  }

  private known(operation: Operation): Known {
    let known = this.operations.get(operation);
    if (!known) this.operations.set(operation, (known = {}));
    return known;
  }

  private isCancellable({ type, entry }: Operation): boolean {
    return type === 'act' && !this.state.isPersistent(entry);
  }
}
