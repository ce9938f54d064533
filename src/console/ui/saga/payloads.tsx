import { useState } from 'preact/hooks';
import type { SagaPayloads } from '../../contract';
import { Awaited, Section } from '../parts/page';
import { Json, Words } from '../parts/words';
import { segment } from '../addresses';
import { useLoaded } from '../use-loaded';

/** Inputs and outputs, which are read only when somebody asks for them. */
export function Payloads({ sagaId }: { readonly sagaId: string }) {
  const [shown, setShown] = useState(false);
  return (
    <Section id="payloads" title="Inputs and outputs">
      {shown ? (
        <Loaded sagaId={sagaId} />
      ) : (
        <button type="button" onClick={() => setShown(true)}>
          Load inputs and outputs
        </button>
      )}
    </Section>
  );
}

function Loaded({ sagaId }: { readonly sagaId: string }) {
  const { data, error, reload } = useLoaded<SagaPayloads>(`/api/sagas/${segment(sagaId)}/payloads`);
  if (!data) return <Awaited error={error} reload={reload} />;
  return (
    <>
      <Value name="Input of the saga" value={data.input} />
      {data.result !== undefined && <Value name="Result of the saga" value={data.result} />}
      {data.operations.map(({ step, op, name, at, input, result, output }) => (
        <details key={`${op} ${step} ${at}`}>
          <summary>
            <Words text={op === 'do' ? step : `${op} ${step}`} />: <Words text={name} />, {result}
          </summary>
          <h3>Input</h3>
          <Json value={input} label={`Input of ${op} ${step}`} />
          {output !== undefined && (
            <>
              <h3>Output</h3>
              <Json value={output} label={`Output of ${op} ${step}`} />
            </>
          )}
        </details>
      ))}
    </>
  );
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }) {
  return (
    <details>
      <summary>{name}</summary>
      <Json value={value} label={name} />
    </details>
  );
}
