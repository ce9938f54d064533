import type { AlertKind } from './alert';

/** A problem of one saga, as visibility or the audit shows it. */
export interface Cause {
  readonly kind: AlertKind;
  readonly sagaId: string;
  /** Empty for a finding of the audit. */
  readonly runId: string;
  readonly workflow?: string;
  readonly step?: string;
  readonly code?: string;
  readonly message?: string;
}

/** What a watcher tracks a cause by. */
export function causeId({ kind, sagaId, step, code }: Cause): string {
  return causeIdOf(kind, sagaId, kind === 'audit-finding' ? code : step);
}

/** As {@link causeId}, from its parts. */
export function causeIdOf(kind: AlertKind, sagaId: string, step = ''): string {
  return `${kind}\n${sagaId}\n${step}`;
}
