/**
 * A part of a saga's body that is undone by itself when it fails (S9; Garcia-Molina & Salem's save-points). Entries
 * and save-points that began in it name it.
 */
export interface SavePoint {
  readonly within?: SavePoint;
  /** Its body failed: what goes on of it gets no answer any more. */
  failed: boolean;
  /** Nothing is left to be done for it: its body succeeded, or failed and the unwinding is over. */
  ended: boolean;
}

/** Whether `inner` is `outer` or nested in it. The saga itself is `undefined`, and everything is within it. */
export function isWithin(inner: SavePoint | undefined, outer: SavePoint | undefined): boolean {
  return inner === outer || (inner !== undefined && isWithin(inner.within, outer));
}

/** Whether this save-point, or one that it is nested in, has failed. */
export function hasFailed(savePoint: SavePoint | undefined): boolean {
  return savePoint !== undefined && (savePoint.failed || hasFailed(savePoint.within));
}
