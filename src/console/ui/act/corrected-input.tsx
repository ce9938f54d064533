import { useState } from 'preact/hooks';
import type { SagaPayloads } from '../../contract';
import { type ApiError, asApiError, get } from '../api';
import { ErrorNote } from '../parts/page';
import { segment } from '../addresses';
import { JsonField } from './json-field';

interface Props {
  readonly sagaId: string;
  readonly step: string;
  readonly error: string | undefined;
}

/** Offers to replace the input of a step's action, starting from the latest one. */
export function CorrectedInput({ sagaId, step, error }: Props) {
  const [text, setText] = useState<string>();
  const [failure, setFailure] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const payloads = await get<SagaPayloads>(`/api/sagas/${segment(sagaId)}/payloads`);
      const input = payloads.redacted ? undefined : inputOf(payloads, step);
      setText(input === undefined ? '' : JSON.stringify(input, null, 2));
    } catch (caught) {
      setFailure(asApiError(caught));
      setText('');
    } finally {
      setBusy(false);
    }
  };
  if (text === undefined)
    return (
      <p class="actions">
        <button type="button" disabled={busy} onClick={() => void open()}>
          {busy ? 'Loading the input…' : 'Correct the input'}
        </button>
        <span class="muted">The step is called as before.</span>
      </p>
    );
  return (
    <>
      {failure && <ErrorNote error={failure} />}
      <JsonField
        label={`Input of the action of ${step}, as JSON`}
        hint="It replaces the input from now on. Empty: as before."
        error={error}
        value={text}
      />
      <p>
        <button type="button" onClick={() => setText(undefined)}>
          Call the step as before
        </button>
      </p>
    </>
  );
}

function inputOf({ operations }: SagaPayloads, step: string): unknown {
  return operations.findLast((operation) => operation.step === step && operation.op !== 'undo')?.input;
}
