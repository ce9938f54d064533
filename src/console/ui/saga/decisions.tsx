import type { LiveStep } from '../../../client';
import type { SagaDetails, SagaVerb, StepDecision } from '../../contract';
import { type AskedAct, labelOf } from '../act/act-text';
import { Section } from '../parts/page';
import { Time } from '../parts/time';
import { FailureText, Words } from '../parts/words';
import { sagaHref } from '../addresses';
import { counted } from '../parts/counted';

interface Props {
  readonly details: SagaDetails;
  readonly ask: (asked: AskedAct) => void;
}

/** What an operator can decide about a saga now. */
export function Decisions({ details, ask }: Props) {
  const { decisions, verbs, report, saga } = details;
  const isFailing = saga.state === 'task-failing';
  if (decisions.length === 0 && verbs.length === 0 && !isFailing) return null;
  return (
    <Section id="decisions" title="What you can do">
      {isFailing && <p>Deploy workflow code that fits the history. Until then nothing is done or undone.</p>}
      {decisions.map((decision) => (
        <StuckStep
          key={`${decision.step} ${decision.op}`}
          decision={decision}
          step={report?.steps.find(({ name }) => name === decision.step)}
          ask={ask}
        />
      ))}
      {verbs.length > 0 && <SagaVerbs verbs={verbs} ask={ask} />}
    </Section>
  );
}

interface StuckStepProps {
  readonly decision: StepDecision;
  readonly step: LiveStep | undefined;
  readonly ask: Props['ask'];
}

function StuckStep({ decision, step, ask }: StuckStepProps) {
  const { step: name, op, verbs, nested } = decision;
  const stuck = step?.stuck;
  return (
    <article class="incident">
      <h3>
        <span aria-hidden="true">! </span>
        {op === 'undo' && 'Compensation of '}
        <Words text={name} /> is stuck
      </h3>
      {stuck && (
        <>
          <p>
            <FailureText code={stuck.code} message={stuck.message} />
          </p>
          <p class="muted">
            Since <Time at={stuck.since} />, {counted(stuck.rounds, 'round')} used up
            {stuck.retryAt !== undefined ? (
              <>
                , next try at <Time at={stuck.retryAt} />
              </>
            ) : (
              ', waits for a decision or a worker'
            )}
          </p>
        </>
      )}
      {nested === undefined ? (
        <p class="actions">
          {verbs.map((verb) => (
            <button
              key={verb}
              type="button"
              class={verb === 'retry' ? 'primary' : undefined}
              aria-label={`${labelOf(verb)} ${name}`}
              onClick={() => ask({ verb, decision })}
            >
              {labelOf(verb)}
            </button>
          ))}
        </p>
      ) : (
        <p>
          The nested saga is stuck itself. Decide there:{' '}
          <a href={sagaHref(nested)}>
            <Words text={nested} />
          </a>
        </p>
      )}
    </article>
  );
}

function SagaVerbs({ verbs, ask }: { readonly verbs: readonly SagaVerb[]; readonly ask: Props['ask'] }) {
  return (
    <p class="actions">
      <span>The saga as a whole:</span>
      {verbs.map((verb) => (
        <button
          key={verb}
          type="button"
          aria-label={`${labelOf(verb)} this saga`}
          onClick={() => ask({ verb })}
        >
          {labelOf(verb)}
        </button>
      ))}
    </p>
  );
}
