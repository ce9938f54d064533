import type { LiveReport, LiveStep } from '../../../client';
import { StateBadge } from '../parts/badge';
import { Table } from '../parts/table';
import { between, Time } from '../parts/time';
import { FailureText, Message, Words } from '../parts/words';
import { counted } from '../parts/counted';

const head = ['Step', 'State', 'Participant', 'Started', 'Took', 'Attempt', 'Failure'];

/** The steps of a saga, in the order in which they began. */
export function Steps({ report: { steps, earlier, omitted } }: { readonly report: LiveReport }) {
  return (
    <>
      {steps.length === 0 && <p class="muted">The saga has begun no step.</p>}
      {steps.length > 0 && (
        <Table caption="Steps in the order in which they began" head={head} rows={steps.map(rowOf)} />
      )}
      {earlier !== undefined && (
        <p class="muted">
          {counted(earlier, 'step')} of earlier runs not listed: nothing of them is left to undo.
        </p>
      )}
      {omitted !== undefined && <p class="muted">{counted(omitted, 'further step')} not listed.</p>}
    </>
  );
}

function rowOf(step: LiveStep) {
  const { name, kind, participant, state, summary, startedAt, stuck, irreversible, leftover } = step;
  return {
    key: name,
    ...(stuck && { tone: 'bad' as const }),
    cells: [
      <>
        <Words text={name} /> <span class="muted">{kind}</span>
        {summary !== undefined && (
          <div class="muted">
            <Message text={summary} />
          </div>
        )}
        {irreversible !== undefined && (
          <div class="muted">
            irreversible: <Message text={irreversible} />
          </div>
        )}
        {leftover && <div class="muted">left over from a run before a reset</div>}
      </>,
      <StateBadge state={state} />,
      <Words text={participant} />,
      <Time at={startedAt} />,
      tookText(step),
      step.attempt || stuck ? <Attempt step={step} /> : '',
      stuck || step.failure ? <Trouble step={step} /> : '',
    ],
  };
}

/** How long the action took, and its compensation. */
function tookText({ startedAt, settledAt, compensation }: LiveStep): string {
  const action = settledAt === undefined ? '' : between(startedAt, settledAt);
  if (compensation?.endedAt === undefined) return action;
  return `${action || '?'}, undone in ${between(compensation.startedAt, compensation.endedAt)}`;
}

function Attempt({ step: { attempt, stuck } }: { readonly step: LiveStep }) {
  if (!attempt) return <>{stuck && `${counted(stuck.rounds, 'round')} used up`}</>;
  const { number, of, state, at, lastFailure } = attempt;
  return (
    <>
      {number}
      {of !== undefined && ` of ${of}`} {state}
      {at !== undefined && (
        <>
          {' '}
          (<Time at={at} />)
        </>
      )}
      {lastFailure !== undefined && (
        <div>
          last failure: <Message text={lastFailure} />
        </div>
      )}
    </>
  );
}

function Trouble({ step: { stuck, failure } }: { readonly step: LiveStep }) {
  const trouble = stuck ?? failure;
  if (!trouble) return null;
  return (
    <>
      <FailureText code={trouble.code} message={trouble.message} />
      {stuck && (
        <div class="muted">
          stuck since <Time at={stuck.since} />, {counted(stuck.rounds, 'round')} used up
          {stuck.retryAt !== undefined && (
            <>
              , next try at <Time at={stuck.retryAt} />
            </>
          )}
        </div>
      )}
    </>
  );
}
