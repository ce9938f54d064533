import type { Act, SagaVerb, StepDecision } from '../../contract';

/** What an operator is about to decide. */
export interface AskedAct {
  readonly verb: Act['verb'];
  /** For `retry`, `resolve` and `skip`. */
  readonly decision?: StepDecision;
}

/** A verb as a button says it. */
export function labelOf(verb: Act['verb']): string {
  return `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
}

/** What will happen, in one sentence. */
export function effectText({ verb, decision }: AskedAct): string {
  const step = decision?.step ?? '';
  const isUndo = decision?.op === 'undo';
  switch (verb) {
    case 'retry':
      return `Starts another round of attempts of ${isUndo ? `the compensation of ${step}` : step} now.`;
    case 'resolve':
      return isUndo
        ? `States that ${step} was compensated by hand: its compensation is not called again.`
        : `States that ${step} was done by hand: it is not called again, and the saga continues with the output below.`;
    case 'skip':
      return `Leaves the effect of ${step} in place permanently: the saga ends partly compensated.`;
    default:
      return sagaEffects[verb];
  }
}

const sagaEffects: Readonly<Record<SagaVerb, string>> = {
  cancel:
    'Asks the saga to cancel: before its pivot it compensates its completed steps, after it the request is declined.',
  abandon: 'Unwinds the saga: its completed steps are compensated.',
  rescue: 'Starts another saga, which compensates the steps that this one completed and left.',
  reverse: 'Starts another saga, which compensates all steps of this one, the pivot included.',
};

/** What has to be confirmed; absent for what changes nothing for good. */
export function confirmationOf(verb: Act['verb']): string | undefined {
  if (verb === 'retry' || verb === 'resolve') return undefined;
  return `I understand that ${verb} cannot be undone.`;
}
