import type { DefinitionMap } from '../../contract';
import { Graph, type GraphNode } from '../graph/graph';
import { Awaited, ErrorNote, Heading, Section } from '../parts/page';
import { Table } from '../parts/table';
import { durationText } from '../../../view/duration';
import { Words } from '../parts/words';
import { listHref, segment } from '../addresses';
import { useLoaded } from '../use-loaded';
import { counted } from '../parts/counted';

type Node = DefinitionMap['nodes'][number];

/** A definition as its latest sagas went through it. */
export function DefinitionView({ workflow }: { readonly workflow: string }) {
  const { data, error, reload } = useLoaded<DefinitionMap>(`/api/maps/${segment(workflow)}`);
  return (
    <>
      <Heading title={`Map of ${workflow}`} />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          <p>
            From {data.read === data.listed ? 'the' : `${data.read} of the`} latest{' '}
            {counted(data.listed, 'saga')}.{' '}
            <a href={listHref({ workflow })}>List the sagas of this workflow</a>
          </p>
          {data.nodes.length === 0 ? <Nothing map={data} /> : <Drawn map={data} />}
          <button type="button" onClick={reload}>
            Read again
          </button>
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
    </>
  );
}

function Nothing({ map: { listed, read } }: { readonly map: DefinitionMap }) {
  return (
    <p class="muted">
      {listed === 0 && 'No saga of this workflow is on the server.'}
      {listed > 0 && read === 0 && 'No worker of these sagas answered.'}
      {read > 0 && 'None of them has begun a step.'}
    </p>
  );
}

const head = ['Step', 'Kind', 'Participant', 'Seen', 'Failed', 'Stuck now', 'Median time'];

function Drawn({ map: { workflow, nodes, edges } }: { readonly map: DefinitionMap }) {
  const rows = nodes.map((node) => ({
    key: node.id,
    ...(node.stuck > 0 && { tone: 'bad' as const }),
    cells: [
      <Words text={node.id} />,
      node.kind,
      <Words text={node.participant} />,
      node.seen,
      node.failed,
      node.stuck > 0 ? <a href={stuckHref(workflow, node.id)}>{node.stuck.toLocaleString()} stuck</a> : 0,
      node.medianMs === undefined ? '' : durationText(node.medianMs),
    ],
  }));
  return (
    <>
      <Graph
        label={`Map of ${workflow}: ${nodes.length} steps. The table below says the same.`}
        nodes={nodes.map((node) => nodeOf(workflow, node))}
        edges={edges}
      />
      <Section id="steps" title="Steps">
        <Table caption={`Steps of ${workflow}`} head={head} rows={rows} />
      </Section>
    </>
  );
}

function nodeOf(workflow: string, { id, kind, seen, failed, stuck, medianMs }: Node): GraphNode {
  const median = medianMs === undefined ? '' : `, ${durationText(medianMs)}`;
  return {
    id,
    isPivot: kind === 'pivot',
    isStuck: stuck > 0,
    tone: stuck > 0 ? 'bad' : failed > 0 ? 'warn' : 'plain',
    lines: [
      `${stuck > 0 ? '! ' : ''}${id}${kind === 'pivot' ? ' (pivot)' : ''}`,
      `${seen} seen${median}`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(stuck > 0 ? [`${stuck} stuck now`] : []),
    ],
    ...(stuck > 0 && { href: stuckHref(workflow, id) }),
  };
}

function stuckHref(workflow: string, step: string): string {
  return listHref({ workflow, state: 'stuck', where: `SagaStuckStep = '${step.replaceAll("'", "''")}'` });
}
