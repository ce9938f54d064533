import type { SagaReport, StepReport } from '../../saga';
import type { DefinitionMap } from '../../view/definition-map';
import { flowOf } from '../../view/flow';

/**
 * What happened in a saga as a Mermaid flowchart: an arrow leads from each step to those that began after it had settled, without
 * those that follow from other arrows.
 */
export function mermaidOf({ sagaId, status, reason, steps }: SagaReport): string {
  const nodes = steps.map((step, index) => `  s${index}["${labelOf(step)}"]:::${step.state}`);
  const arrows = flowOf(steps).map(({ from, to }) => `  s${from} --> s${to}`);
  const undone = steps.flatMap(({ compensation }, index) => (compensation ? [{ index, compensation }] : []));
  const undos = undone.flatMap(({ index, compensation }) => [
    `  s${index} -. ${compensation.state === 'done' ? 'undone' : `compensation ${compensation.state}`} .-> u${index}(["undo ${escaped(steps[index]?.name ?? '')}"])`,
  ]);
  const title = `${sagaId}: ${status}${reason ? ` (${reason.code})` : ''}`;
  return [
    '---',
    `title: ${JSON.stringify(escaped(title))}`,
    '---',
    'flowchart LR',
    ...nodes,
    ...arrows,
    ...undos,
    ...CLASSES,
    '',
  ].join('\n');
}

/** A definition as a Mermaid flowchart, as its latest sagas went through it. */
export function mermaidOfDefinition({ workflow, nodes, edges, read, listed }: DefinitionMap): string {
  const latest = `${read === listed ? '' : `${read} of `}its latest ${listed} sagas`;
  const index = new Map(nodes.map(({ id }, place) => [id, place]));
  return [
    '---',
    `title: ${JSON.stringify(escaped(`${workflow}: as ${latest} went`))}`,
    '---',
    'flowchart LR',
    ...nodes.map(({ id, kind, seen, failed, stuck }, place) => {
      const counts = [
        `${seen} came here`,
        failed > 0 && `${failed} failed`,
        stuck > 0 && `${stuck} stuck now`,
      ];
      const label = [kind === 'pivot' ? `${id} (pivot)` : id, counts.filter(Boolean).join(', ')];
      return `  s${place}["${label.map(escaped).join('<br>')}"]:::${stuck > 0 ? 'stuck' : failed > 0 ? 'refused' : 'succeeded'}`;
    }),
    ...edges.map(({ from, to, seen }) => `  s${index.get(from)} -->|${seen}| s${index.get(to)}`),
    ...CLASSES,
    '',
  ].join('\n');
}

const CLASSES = [
  '  classDef succeeded fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  '  classDef compensated fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  '  classDef skipped fill:#fff8c5,stroke:#cf222e,color:#1f2328',
  '  classDef running fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  '  classDef compensating fill:#fff8c5,stroke:#0969da,color:#1f2328',
  '  classDef refused fill:#ffebe9,stroke:#cf222e,color:#1f2328',
  '  classDef unknown fill:#ffebe9,stroke:#9a6700,color:#1f2328',
  '  classDef stuck fill:#ffebe9,stroke:#cf222e,stroke-width:3px,color:#1f2328',
];

function labelOf({ name, kind, state, failure, stuck }: StepReport): string {
  const code = (stuck ?? failure)?.code;
  return [`${name}${kind === 'pivot' ? ' (pivot)' : ''}`, `${state}${code ? `: ${code}` : ''}`]
    .map(escaped)
    .join('<br>');
}

/** Mermaid takes entities, and nothing else of what people write may be syntax. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\p{L}\p{N} .,:_/-]/gu, (character) => `#${character.codePointAt(0)};`);
}
