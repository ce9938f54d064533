import { Graph, type GraphLabel, layout } from '@dagrejs/dagre';
import type { MapEdge } from '../../contract';

/** A box to place: its size follows from its lines of text. */
export interface Box {
  readonly id: string;
  readonly lines: readonly string[];
}

/** A box and its place: the middle, and the size. */
export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of steps: boxes and the paths between them, in pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly paths: readonly { readonly key: string; readonly d: string }[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const LETTER = 7.3;
const LINE = 18;
const PADDING = 12;
const MIN_WIDTH = 96;
const MAX_LETTERS = 30;

/** From left to right where there is room, else from top to bottom. */
export function placed(boxes: readonly Box[], edges: readonly MapEdge[], room: number): Picture {
  const wide = placedIn('LR', boxes, edges);
  return wide.width <= room ? wide : placedIn('TB', boxes, edges);
}

function placedIn(rankdir: 'LR' | 'TB', boxes: readonly Box[], edges: readonly MapEdge[]): Picture {
  const graph = new Graph<GraphLabel, PlacedBox, { points?: Point[] }>();
  graph.setGraph({ rankdir, nodesep: 20, ranksep: 34, edgesep: 12, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const keys = new Map(boxes.map(({ id }, index) => [id, `n${index}`]));
  for (const box of boxes) graph.setNode(keys.get(box.id) ?? '', { ...box, ...sizeOf(box), x: 0, y: 0 });
  for (const { from, to } of edges) {
    const [source, target] = [keys.get(from), keys.get(to)];
    if (source !== undefined && target !== undefined && source !== target) graph.setEdge(source, target);
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: finite(width),
    height: finite(height),
    boxes: boxes.map(({ id }) => graph.node(keys.get(id) ?? '')),
    paths: graph.edges().map((edge) => ({
      key: `${edge.v}-${edge.w}`,
      d: pathThrough(graph.edge(edge).points ?? []),
    })),
  };
}

/** Without boxes the size is infinite. */
function finite(size: number): number {
  return Number.isFinite(size) ? Math.ceil(size) : 0;
}

function sizeOf({ lines }: Box): { width: number; height: number } {
  const letters = Math.max(...lines.map((line) => shortened(line).length));
  return {
    width: Math.max(MIN_WIDTH, Math.round(letters * LETTER) + 2 * PADDING),
    height: lines.length * LINE + PADDING,
  };
}

/** A line of a box; the full text is its title. */
export function shortened(text: string): string {
  return text.length > MAX_LETTERS ? `${text.slice(0, MAX_LETTERS - 1)}…` : text;
}

/** Where a line of a box is written, from its middle. */
export function baseline(index: number, count: number): number {
  return (index - (count - 1) / 2) * LINE + 4.5;
}

/** A smooth line: each inner point bends it. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return '';
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const isLastBend = index === rest.length - 2;
    return `Q${at(point)} ${at(isLastBend ? next : middle(point, next))}`;
  });
  return bends.length > 0 ? `M${at(first)} ${bends.join(' ')}` : `M${at(first)} L${at(last)}`;
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
