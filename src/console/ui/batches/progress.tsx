import type { BulkResult } from '../../../client';
import type { Batch } from '../../contract';
import { lookOf } from '../parts/states';

/** How many sagas of a batch have a result. */
export function endedOf({ results }: Pick<Batch, 'results'>): number {
  return Object.values(results).reduce((sum, count) => sum + count, 0);
}

/** The results of a batch, the most frequent first. */
export function resultsOf({ results }: Pick<Batch, 'results'>): [BulkResult['result'], number][] {
  const pairs = Object.entries(results) as [BulkResult['result'], number][];
  return pairs.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
}

/** How far a batch is, as a bar with a part for each result. */
export function Progress({ batch }: { readonly batch: Pick<Batch, 'results' | 'total'> }) {
  const total = Math.max(batch.total, endedOf(batch), 1);
  const ended = endedOf(batch);
  let from = 0;
  const parts = resultsOf(batch).map(([result, count]) => {
    const x = from;
    from += (count / total) * 100;
    return <rect key={result} class={lookOf(result).tone} x={`${x}%`} width={`${from - x}%`} height="100%" />;
  });
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label="Sagas with a result"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={ended}
    >
      <svg aria-hidden="true" width="100%" height="10">
        {parts}
      </svg>
    </div>
  );
}
