import type { SagaState } from '../../../client';
import { type Look, lookOf, lookOfSaga } from './states';

function Badge({ name, look }: { readonly name: string; readonly look: Look }) {
  return (
    <span class={`badge ${look.tone}`}>
      <span aria-hidden="true">{look.mark}</span> {name}
    </span>
  );
}

/** The state of a saga, in words and with a mark. */
export function SagaBadge({ state }: { readonly state: SagaState }) {
  return <Badge name={state} look={lookOfSaga(state)} />;
}

/** The state of a step or a batch, or what came of an act. */
export function StateBadge({ state }: { readonly state: Parameters<typeof lookOf>[0] }) {
  return <Badge name={state} look={lookOf(state)} />;
}
