import { useRef, useState } from 'preact/hooks';
import type { BulkVerb } from '../../../client';
import type { Batch, Estimate, NewBatch } from '../../contract';
import { type ApiError, asApiError, post } from '../api';
import { Dialog } from '../parts/dialog';
import { ErrorNote } from '../parts/page';
import { batchHref } from '../addresses';
import { type AskedBatch, askedBatch, bulkConfirmation } from './asked-batch';
import { BatchForm, readBatch } from './batch-form';
import { EstimateText } from './estimate-text';

/** Does something to all sagas of a filter: first it shows how many, then it starts. */
export function BulkDialog({ asked }: { readonly asked: AskedBatch }) {
  const [verb, setVerb] = useState<BulkVerb>(asked.verb ?? 'retry');
  const [estimated, setEstimated] = useState<{ readonly batch: NewBatch; readonly estimate: Estimate }>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      setBusy(false);
    }
  };
  const estimate = async () => {
    if (!form.current) return;
    const batch = readBatch(form.current, verb, asked.filter);
    setEstimated({ batch, estimate: await post<Estimate>('/api/batches/estimate', batch) });
  };
  const start = async (batch: NewBatch) => {
    if (!form.current?.reportValidity()) return;
    const { id } = await post<Batch>('/api/batches', batch);
    askedBatch.value = undefined;
    location.hash = batchHref(id);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void attempt(estimate);
  };

  return (
    <Dialog title="Act on many sagas" onClose={() => (askedBatch.value = undefined)}>
      <form ref={form} onSubmit={submit}>
        <BatchForm asked={asked} verb={verb} onVerb={setVerb} onChange={() => setEstimated(undefined)} />
        <p class="actions">
          <button type="submit" class={estimated ? undefined : 'primary'} disabled={busy}>
            {busy ? 'Waiting…' : 'Estimate'}
          </button>
          <span class="muted">It changes nothing.</span>
        </p>
        <div role="status">{estimated && <EstimateText {...estimated} />}</div>
        {error && <ErrorNote error={error} />}
        {estimated && estimated.estimate.count > 0 && (
          <p class="actions">
            <button
              type="button"
              class={bulkConfirmation(verb, 0) === undefined ? 'primary' : 'danger'}
              disabled={busy}
              ref={bringIntoView}
              onClick={() => void attempt(() => start(estimated.batch))}
            >
              Start: {verb}
            </button>
          </p>
        )}
      </form>
    </Dialog>
  );
}

function bringIntoView(button: HTMLElement | null): void {
  button?.scrollIntoView({ block: 'nearest' });
}
