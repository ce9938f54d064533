/** Of what several rounds have measured. */
export interface Spread {
  readonly median: number;
  /** The middle half of the rounds begins here: the median of the lower half. */
  readonly low: number;
  /** And ends here. */
  readonly high: number;
  /** In the order of the rounds. */
  readonly rounds: readonly number[];
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  // The one in the middle of an odd number belongs to both halves.
  const half = Math.ceil(sorted.length / 2);
  return {
    median: medianOf(sorted),
    low: medianOf(sorted.slice(0, half)),
    high: medianOf(sorted.slice(-half)),
    rounds: values,
  };
}

/** Between the two in the middle, where there are two. */
function medianOf(sorted: readonly number[]): number {
  const at = (index: number) => sorted[index] ?? NaN;
  return (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2;
}

/** The value below which this part of all values is: the nearest one that occurs. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

/**
 * How many end in a unit of time while all places are taken: from the first time that as many have ended as there are places, until the last
 * one has begun. Before that all begin at once, and after that the slowest decide.
 * @param ends when each has ended, in order, since the beginning; there are more than two for each place.
 */
export function steadyRate(ends: readonly number[], places: number): number {
  const count = ends.length - 2 * places;
  return count / ((ends[ends.length - places - 1] ?? NaN) - (ends[places - 1] ?? NaN));
}
