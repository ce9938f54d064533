import type { SagaDetails } from '../../contract';
import { ActDialog } from '../act/act-dialog';
import { AnswerNote } from '../act/answer';
import { useAct } from '../act/use-act';
import { pushedSaga } from '../live';
import { Awaited, ErrorNote, Heading, Section } from '../parts/page';
import { segment } from '../addresses';
import { useLoaded } from '../use-loaded';
import { AuditTrail } from './audit-trail';
import { Decisions } from './decisions';
import { Payloads } from './payloads';
import { Pending } from './pending';
import { SagaHead } from './saga-head';
import { SagaMap } from './saga-map';
import { Steps } from './steps';
import { Timeline } from './timeline';
import { Undo } from './undo';

/** One saga: its state, what happened in it, and what can be decided. */
export function SagaView({ sagaId }: { readonly sagaId: string }) {
  const pushed = pushedSaga.value?.saga.sagaId === sagaId ? pushedSaga.value : undefined;
  const { data, error, reload } = useLoaded<SagaDetails>(`/api/sagas/${segment(sagaId)}`, pushed);
  const act = useAct(sagaId, reload);
  return (
    <>
      <Heading title={sagaId} />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          <SagaHead details={data} />
          <div role="status">{act.answer && <AnswerNote answer={act.answer} />}</div>
          <Decisions details={data} ask={act.ask} />
          <Parts details={data} />
          <Payloads sagaId={sagaId} />
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
      {act.asked && <ActDialog sagaId={sagaId} asked={act.asked} state={act} />}
    </>
  );
}

function Parts({ details }: { readonly details: SagaDetails }) {
  const { report, pending, map, timeline, undo, unreported } = details;
  return (
    <>
      {unreported !== undefined && <Pending unreported={unreported} pending={pending} />}
      {map.nodes.length > 0 && (
        <Section id="map" title="Map">
          <SagaMap map={map} />
        </Section>
      )}
      {report && (
        <Section id="steps" title="Steps">
          <Steps report={report} />
        </Section>
      )}
      {timeline.steps.length > 0 && (
        <Section id="timeline" title="Timeline">
          <Timeline timeline={timeline} />
        </Section>
      )}
      {undo && (
        <Section id="undo" title="If it unwound now">
          <Undo undo={undo} />
        </Section>
      )}
      {report?.desk && (
        <Section id="desk" title="Operator interventions">
          <AuditTrail acts={report.desk} />
        </Section>
      )}
    </>
  );
}
