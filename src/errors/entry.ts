/**
 * Who tries the same again:
 * - `nobody`: the same again gives the same answer;
 * - `itself`: Temporal or the engine tries again by itself;
 * - `caller`: whoever called may call again, once the cause is gone;
 * - `operator`: it waits for an operator at the desk, and is tried again by itself meanwhile;
 * - `deployment`: Temporal tries again by itself, until a fixed deployment gets it right.
 */
export type RetriedBy = 'nobody' | 'itself' | 'caller' | 'operator' | 'deployment';

/** What one code says. */
export interface ErrorEntry {
  /** Who gives it. */
  readonly from: string;
  readonly meaning: string;
  readonly retriedBy: RetriedBy;
  /** What to do about it. */
  readonly remedy: string;
}

/** Codes of one kind, under one heading. */
export interface ErrorSection {
  readonly title: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}

/** How {@link ErrorEntry.retriedBy} reads. */
export const retriedByText: Readonly<Record<RetriedBy, string>> = {
  nobody: 'no',
  itself: 'by itself',
  caller: 'by the caller',
  operator: 'by an operator, and by itself',
  deployment: 'by itself, until a fixed deployment',
};
