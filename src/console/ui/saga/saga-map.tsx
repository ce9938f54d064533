import type { SagaDetails } from '../../contract';
import { Graph, type GraphNode } from '../graph/graph';
import { lookOf } from '../parts/states';

type Node = SagaDetails['map']['nodes'][number];

/** The steps of a saga and in which order they began. */
export function SagaMap({ map: { nodes, edges } }: Pick<SagaDetails, 'map'>) {
  const stuck = nodes.filter(({ state }) => state === 'stuck').map(({ id }) => id);
  const label = `Map of ${nodes.length} steps${stuck.length > 0 ? `, stuck at ${stuck.join(', ')}` : ''}. The table of steps says the same.`;
  return <Graph label={label} nodes={nodes.map(nodeOf)} edges={edges} />;
}

function nodeOf({ id, kind, state, code, compensation }: Node): GraphNode {
  const { mark, tone } = lookOf(state);
  return {
    id,
    tone,
    lines: [
      `${mark} ${id}${kind === 'pivot' ? ' (pivot)' : ''}`,
      `${state}${code === undefined ? '' : `: ${code}`}`,
    ],
    ...(compensation && { undo: undoTexts[compensation] }),
    isPivot: kind === 'pivot',
    isStuck: state === 'stuck',
  };
}

const undoTexts: Readonly<Record<NonNullable<Node['compensation']>, string>> = {
  running: '← undo runs',
  done: '↶ undone',
  skipped: '∅ undo skipped',
  stuck: '! undo stuck',
};
