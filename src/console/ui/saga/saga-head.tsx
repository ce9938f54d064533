import type { InterruptionReport } from '../../../saga';
import type { SagaDetails } from '../../contract';
import { SagaBadge } from '../parts/badge';
import { between, Time } from '../parts/time';
import { FailureText, Message, Words } from '../parts/words';
import { mapHref } from '../addresses';

/** The state of a saga, since when and why. */
export function SagaHead({ details: { saga, report } }: { readonly details: SagaDetails }) {
  const { state, workflow, startedAt, closedAt, problem, stuckStep } = saga;
  const stuckSince = report?.steps.flatMap(({ stuck }) => (stuck ? [stuck.since] : [])).sort()[0];
  return (
    <dl class="head">
      <dt>State</dt>
      <dd>
        <SagaBadge state={state} />
        {stuckSince !== undefined && (
          <>
            {' '}
            since <Time at={stuckSince} />
          </>
        )}
        {report?.status === 'committed' && ', past its pivot'}
        {!report && state === 'stuck' && stuckStep !== undefined && (
          <>
            {' '}
            at <Words text={stuckStep} />
          </>
        )}
      </dd>
      <dt>Workflow</dt>
      <dd>
        <a href={mapHref(workflow)}>
          <Words text={workflow} />
        </a>
      </dd>
      <dt>Started</dt>
      <dd>
        <Time at={startedAt} />
        {closedAt !== undefined && (
          <>
            , ended <Time at={closedAt} /> after {between(startedAt, closedAt)}
          </>
        )}
      </dd>
      <Reason details={{ saga, report }} />
      {problem !== undefined && (
        <>
          <dt>Its workflow task fails</dt>
          <dd>
            <Message text={problem} />
          </dd>
        </>
      )}
      {report?.cancel && <Interruption name="Cancel" at="requested" interruption={report.cancel} />}
      {report?.deadline && <Interruption name="Deadline" at="passed" interruption={report.deadline} />}
      {report?.waits?.map(({ for: what, since, until }) => (
        <>
          <dt>Waits for</dt>
          <dd>
            <Words text={what} /> since <Time at={since} />
            {until !== undefined && (
              <>
                , until <Time at={until} />
              </>
            )}
          </dd>
        </>
      ))}
    </dl>
  );
}

interface ReasonProps {
  readonly details: { readonly saga: SagaDetails['saga']; readonly report: SagaDetails['report'] };
}

/** Why it unwound; without a report only the code is known. */
function Reason({ details: { saga, report } }: ReasonProps) {
  const reason = report?.reason;
  if (!reason && saga.reason === undefined) return null;
  return (
    <>
      <dt>Reason</dt>
      <dd>
        {reason ? (
          <FailureText code={reason.code} message={reason.message} />
        ) : (
          <Words text={saga.reason ?? ''} />
        )}
        {reason?.step !== undefined && (
          <>
            {' '}
            (<Words text={reason.step} />)
          </>
        )}
      </dd>
    </>
  );
}

interface InterruptionProps {
  readonly name: string;
  readonly at: string;
  readonly interruption: InterruptionReport;
}

function Interruption({ name, at, interruption: { requestedAt, effect } }: InterruptionProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {at} <Time at={requestedAt} />: {effect}
      </dd>
    </>
  );
}
