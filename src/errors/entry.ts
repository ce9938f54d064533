/**
 * Whether the same is tried again, and by whom:
 * - `no`: the same again gives the same answer;
 * - `itself`: Temporal or the engine tries again by itself;
 * - `caller`: whoever called may call again, once the cause is gone;
 * - `operator`: it waits for an operator at the desk, and is tried again by itself meanwhile;
 * - `deployment`: Temporal tries again by itself, until a fixed deployment gets it right.
 */
export type Again = 'no' | 'itself' | 'caller' | 'operator' | 'deployment';

/** What one code says. */
export interface ErrorEntry {
  /** Who gives it. */
  readonly from: string;
  readonly meaning: string;
  readonly again: Again;
  /** What to do about it. */
  readonly todo: string;
}

/** Codes of one kind, under one heading. */
export interface ErrorSection {
  readonly title: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}

/** How {@link ErrorEntry.again} reads. */
export const againText: Readonly<Record<Again, string>> = {
  no: 'no',
  itself: 'by itself',
  caller: 'by the caller',
  operator: 'by an operator, and by itself',
  deployment: 'by itself, until a fixed deployment',
};
