import { useMemo } from 'preact/hooks';
import type { MapEdge } from '../../contract';
import type { Tone } from '../parts/states';
import { printable } from '../parts/words';
import { baseline, type Box, placed, type PlacedBox, shortened } from './layout';
import { room } from './room';

/** A step of a graph. The first line is its name; `undo` is a last line about its compensation. */
export interface GraphNode {
  readonly id: string;
  readonly lines: readonly string[];
  readonly undo?: string;
  readonly tone: Tone;
  readonly isPivot: boolean;
  readonly isStuck: boolean;
  readonly href?: string;
}

interface Props {
  /** What it shows, in one sentence. */
  readonly label: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly MapEdge[];
}

const MAX_NODES = 300;

/** Steps as a picture that scrolls in its own frame. A table beside it must say the same. */
export function Graph({ label, nodes, edges }: Props) {
  if (nodes.length > MAX_NODES)
    return <p class="muted">{nodes.length} steps are too many for a map: see the table of steps.</p>;
  return <Drawing label={label} nodes={nodes} edges={edges} />;
}

function Drawing({ label, nodes, edges }: Props) {
  const boxes = nodes.map(({ id, lines, undo }) => ({
    id,
    lines: [...lines, ...(undo ? [undo] : [])].map(printable),
  }));
  // Placing takes long: only when what it follows from has changed, not for each push.
  const {
    width,
    height,
    boxes: found,
    paths,
  } = useMemo(() => placed(boxes, edges, room.value), [JSON.stringify([boxes, edges]), room.value]);
  return (
    <div class="frame" tabIndex={0} role="region" aria-label={label}>
      <svg class="graph" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <title>{label}</title>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path class="tip" d="M0 0.5 L8 4 L0 7.5 z" />
          </marker>
        </defs>
        {paths.map(({ key, d }) => (
          <path key={key} class="edge" d={d} marker-end="url(#arrow)" />
        ))}
        {found.map((box, index) => {
          const node = nodes[index];
          return node && <Node key={box.id} node={node} box={box} />;
        })}
      </svg>
    </div>
  );
}

function Node({ node, box }: { readonly node: GraphNode; readonly box: PlacedBox }) {
  const drawn = <Drawn node={node} box={box} />;
  if (node.href === undefined) return drawn;
  return <a href={node.href}>{drawn}</a>;
}

function Drawn({
  node,
  box: { x, y, width, height, lines },
}: {
  readonly node: GraphNode;
  readonly box: PlacedBox;
}) {
  const half = { x: -width / 2, y: -height / 2 };
  return (
    <g class={`node ${node.tone}${node.isStuck ? ' stuck' : ''}`} transform={`translate(${x} ${y})`}>
      <title>{lines.join('\n')}</title>
      {node.isStuck && (
        <rect class="halo" x={half.x - 5} y={half.y - 5} width={width + 10} height={height + 10} rx={9} />
      )}
      <rect class="box" {...half} width={width} height={height} rx={5} />
      {node.isPivot && (
        <rect class="inner" x={half.x + 3} y={half.y + 3} width={width - 6} height={height - 6} rx={3} />
      )}
      {node.undo !== undefined && <UndoLine width={width} lines={lines} />}
      {lines.map((line, index) => (
        <text key={index} y={baseline(index, lines.length)} class={index === 0 ? 'name' : 'detail'}>
          {shortened(line)}
        </text>
      ))}
    </g>
  );
}

/** Sets the compensation apart from the action. */
function UndoLine({ width, lines }: { readonly width: number; readonly lines: Box['lines'] }) {
  const y = baseline(lines.length - 1, lines.length) - 14;
  return <line class="apart" x1={-width / 2} x2={width / 2} y1={y} y2={y} />;
}
