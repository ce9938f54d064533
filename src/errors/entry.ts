/**
 * Who retries after the error:
 * - `nobody`: a retry gives the same answer;
 * - `itself`: Temporal or the engine retries automatically;
 * - `caller`: the caller may retry once the cause is removed;
 * - `operator`: the engine retries automatically until an operator intervenes;
 * - `deployment`: Temporal retries the workflow task until a fixed version is deployed.
 */
export type RetriedBy = 'nobody' | 'itself' | 'caller' | 'operator' | 'deployment';

/** The documentation of one code. */
export interface ErrorEntry {
  /** Where it comes from. */
  readonly from: string;
  readonly meaning: string;
  readonly retriedBy: RetriedBy;
  /** What to do. */
  readonly remedy: string;
}

/** Codes of one kind, under one heading. */
export interface ErrorSection {
  readonly title: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}

/** {@link ErrorEntry.retriedBy} as docs and the command line show it. */
export const retriedByText: Readonly<Record<RetriedBy, string>> = {
  nobody: 'no',
  itself: 'automatically',
  caller: 'by the caller',
  operator: 'automatically, or by an operator',
  deployment: 'automatically, until a fix is deployed',
};
