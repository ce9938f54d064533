import { CancellationScope, sleep, type TimerOptions } from '@temporalio/workflow';

/** A scope without a timeout. To run something in it costs no promise. */
export class QuickScope extends CancellationScope {
  /** Runs a function of any kind, until it returns. */
  runNow<T>(fn: () => T): T {
    return this.run(fn as unknown as () => Promise<T>) as T;
  }

  /** The same, and nothing where one is in it already: there, a scope costs nothing. */
  enter(fn: () => void): void {
    if (this === CancellationScope.current()) fn();
    else this.runNow(fn);
  }

  protected override runInContext<T>(fn: () => Promise<T>): Promise<T> {
    return fn();
  }
}

interface ScopeOptions {
  readonly cancellable: boolean;
  /** @default the current one */
  readonly parent?: CancellationScope;
}

const enginesScopes = new WeakSet<CancellationScope>();

/** A scope for what the engine does itself. No saga is asked whether its timers may go on. */
export function engineScope(options: ScopeOptions): QuickScope {
  const scope = new QuickScope(options);
  enginesScopes.add(scope);
  return scope;
}

export function isEngines(scope: CancellationScope | undefined): boolean {
  return scope !== undefined && (enginesScopes.has(scope) || isEngines(scope.parent));
}

/** A timer of the engine's, which ends with the scope around it. */
export function engineSleep(ms: number, options?: TimerOptions): Promise<void> {
  return engineScope({ cancellable: true }).runNow(() => sleep(ms, options));
}
