import type { Incident } from '../../contract';
import { askForBatch } from '../batches/asked-batch';
import { Time } from '../parts/time';
import { Code, Message, Words } from '../parts/words';
import { listHref } from '../addresses';

/** Sagas with the same trouble, and what can be done about them. */
export function IncidentCard({ incident }: { readonly incident: Incident }) {
  const { kind, workflow, step, causes, count, filter } = incident;
  const [first, ...others] = causes;
  return (
    <article class="incident">
      <h3>
        <span aria-hidden="true">! </span>
        {count.toLocaleString()} {kind === 'stuck' ? 'stuck' : 'with a failing workflow task'}
        {step !== undefined && (
          <>
            {' '}
            at <Words text={step} />
          </>
        )}{' '}
        (<Words text={workflow} />)
        {first && (
          <>
            : <Code text={first.code} /> since <Time at={first.since} />
          </>
        )}
      </h3>
      {first ? (
        <p>
          <Message text={first.message} />
          {others.length > 0 && <span class="muted"> ({first.count.toLocaleString()} of those read)</span>}
        </p>
      ) : (
        <p class="muted">The cause is unknown: no worker of these sagas answered.</p>
      )}
      {others.length > 0 && <OtherCauses causes={others} />}
      {kind === 'task-failing' && (
        <p>Deploy workflow code that fits the history. Until then nothing is done or undone.</p>
      )}
      <p class="actions">
        {kind === 'stuck' && (
          <button
            type="button"
            class="primary"
            onClick={() => askForBatch({ filter, verb: 'retry', ...(step !== undefined && { step }) })}
          >
            Help these
          </button>
        )}
        <a href={listHref(filter)}>
          List {count === 1 ? 'this saga' : `these ${count.toLocaleString()} sagas`}
        </a>
      </p>
    </article>
  );
}

function OtherCauses({ causes }: Pick<Incident, 'causes'>) {
  return (
    <details>
      <summary>{causes.length === 1 ? 'Another cause' : `${causes.length} other causes`}</summary>
      <ul>
        {causes.map(({ code, message, count, since }) => (
          <li key={`${code} ${message}`}>
            {count.toLocaleString()} of those read: <Code text={code} /> since <Time at={since} />:{' '}
            <Message text={message} />
          </li>
        ))}
      </ul>
    </details>
  );
}
