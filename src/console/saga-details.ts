import { type SagaClient, SagaClientError } from '../client';
import type { UndoPreview } from '../saga';
import { decisionAbout, verbsFor } from '../view/decisions';
import { spansOf } from '../view/spans';
import type { SagaDetails, SagaPayloads } from './contract';
import { mapOfSaga } from './maps';
import { lineOf } from './saga-line';

/** How long a worker may take for the report. */
const ANSWER_WITHIN_MS = 4_000;

/** All that is shown of a saga. @throws SagaClientError `SAGA_NOT_FOUND` */
export async function readDetails(client: SagaClient, sagaId: string): Promise<SagaDetails> {
  const described = await client.describe(sagaId, ANSWER_WITHIN_MS);
  const { report, unreported, pending, closedAt } = described;
  const undo = report && !closedAt ? await previewOf(client, sagaId) : undefined;
  const { from, to, steps } = spansOf(report ?? { steps: [] }, (closedAt ?? new Date()).getTime());
  return {
    saga: lineOf(described),
    ...(report && { report }),
    ...(unreported !== undefined && { unreported }),
    pending,
    map: report ? mapOfSaga(report) : { nodes: [], edges: [] },
    timeline: { from, to, steps: steps.map(({ step: { name }, spans }) => ({ name, spans })) },
    ...(undo && { undo }),
    decisions: (report?.steps ?? []).flatMap((step) => decisionAbout(step) ?? []),
    verbs: verbsFor(described),
  };
}

async function previewOf(client: SagaClient, sagaId: string): Promise<UndoPreview | undefined> {
  try {
    return await client.undoPreview(sagaId);
  } catch (error) {
    if (!(error instanceof SagaClientError)) throw error;
    return undefined;
  }
}

/** Hides what people at the console must not see, of every input and output. */
export type Redact = (value: unknown, of: { readonly sagaId: string; readonly step?: string }) => unknown;

/** @throws SagaClientError `SAGA_NOT_FOUND` */
export async function readRedacted(
  client: SagaClient,
  sagaId: string,
  redact: Redact | undefined,
): Promise<SagaPayloads> {
  const shown = redact ?? ((value: unknown) => value);
  const [{ input, calls }, outcome] = await Promise.all([client.payloads(sagaId), client.outcome(sagaId)]);
  return {
    redacted: redact !== undefined,
    input: shown(input, { sagaId }),
    ...(outcome.kind === 'completed' && { result: shown(outcome.result, { sagaId }) }),
    operations: calls.map((call) => {
      const of = { sagaId, step: call.step };
      return {
        ...call,
        input: shown(call.input, of),
        ...('output' in call && { output: shown(call.output, of) }),
      };
    }),
  };
}
