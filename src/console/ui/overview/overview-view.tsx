import type { Overview } from '../../contract';
import { pushedOverview } from '../live';
import { Awaited, ErrorNote, Heading, Section } from '../parts/page';
import { lookOfSaga, sagaStates } from '../parts/states';
import { Time } from '../parts/time';
import { Words } from '../parts/words';
import { listHref, mapHref } from '../addresses';
import { useLoaded } from '../use-loaded';
import { IncidentCard } from './incident-card';

/** How many sagas are in each state, and what needs a person. */
export function OverviewView() {
  const { data, error, reload } = useLoaded<Overview>('/api/overview', pushedOverview.value);
  return (
    <>
      <Heading title="Overview" />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          <p class="muted">
            Read at <Time at={data.at} />
          </p>
          <Incidents incidents={data.incidents} />
          <Counts counts={data.counts} />
          <Workflows workflows={data.workflows} />
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
    </>
  );
}

function Incidents({ incidents }: Pick<Overview, 'incidents'>) {
  return (
    <Section id="incidents" title="Incidents">
      {incidents.length === 0 ? (
        <p class="note good">No saga needs a person.</p>
      ) : (
        <ul class="plain-list">
          {incidents.map((incident) => (
            <li key={JSON.stringify([incident.kind, incident.workflow, incident.step])}>
              <IncidentCard incident={incident} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Counts({ counts }: Pick<Overview, 'counts'>) {
  const shown = sagaStates.filter((state) => state !== 'unknown' || counts[state] > 0);
  return (
    <Section id="states" title="Sagas by state">
      <ul class="counts">
        {shown.map((state) => {
          const { mark, tone } = lookOfSaga(state);
          return (
            <li key={state}>
              <a href={listHref({ state })} class={`count ${counts[state] > 0 ? tone : 'none'}`}>
                <span class="number">{counts[state].toLocaleString()}</span>{' '}
                <span class="state">
                  <span aria-hidden="true">{mark}</span> {state}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Workflows({ workflows }: Pick<Overview, 'workflows'>) {
  return (
    <Section id="workflows" title="Workflows">
      {workflows.length === 0 && <p class="muted">No saga was started yet.</p>}
      <ul class="links">
        {workflows.map((workflow) => (
          <li key={workflow}>
            <Words text={workflow} />: <a href={mapHref(workflow)}>map of {workflow}</a>,{' '}
            <a href={listHref({ workflow })}>sagas of {workflow}</a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
