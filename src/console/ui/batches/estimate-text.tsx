import type { Estimate, NewBatch } from '../../contract';
import { SagaBadge } from '../parts/badge';
import { ConfirmField } from '../parts/fields';
import { durationText } from '../../../view/duration';
import { Words } from '../parts/words';
import { bulkConfirmation, DEFAULT_MAX, leastMs } from './asked-batch';
import { counted } from '../parts/counted';

interface Props {
  readonly batch: NewBatch;
  readonly estimate: Estimate;
}

/** How many sagas a batch would be about, and the first of them. */
export function EstimateText({ batch, estimate: { count, first } }: Props) {
  if (count === 0) return <p class="note">No saga matches: there is nothing to do.</p>;
  const max = batch.max ?? DEFAULT_MAX;
  const confirmation = bulkConfirmation(batch.verb, Math.min(count, max));
  return (
    <div class="note">
      <p>
        <strong>
          About {counted(count, 'saga')}, at least {durationText(leastMs(batch, count))}
        </strong>
        {count > max && `, only the first ${max.toLocaleString()} of them`}. The first ones:
      </p>
      <ul class="first">
        {first.map(({ sagaId, state }) => (
          <li key={sagaId}>
            <Words text={sagaId} /> <SagaBadge state={state} />
          </li>
        ))}
      </ul>
      {confirmation !== undefined && <ConfirmField what={confirmation} />}
    </div>
  );
}
