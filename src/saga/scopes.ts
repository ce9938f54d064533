import { CancellationScope } from '@temporalio/workflow';

/** A scope without a timeout. To run something in it costs no promise. */
export class QuickScope extends CancellationScope {
  /** Runs a function of any kind, until it returns. */
  runNow<T>(fn: () => T): T {
    return this.run(fn as unknown as () => Promise<T>) as T;
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

/** A scope for what the engine does itself. Its timers, and those of the SDK between two attempts, are not asked about. */
export function engineScope(options: ScopeOptions): QuickScope {
  const scope = new QuickScope(options);
  enginesScopes.add(scope);
  return scope;
}

export function isEngines(scope: CancellationScope | undefined): boolean {
  return scope !== undefined && (enginesScopes.has(scope) || isEngines(scope.parent));
}
