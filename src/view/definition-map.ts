import type { LiveReport, SagaClient } from '../client';
import type { StepKind } from '../saga';
import { flowOf, stepName } from './flow';
import { grouped } from './grouped';
import { countStuck } from './incidents';
import { readReports } from './reports';

/** A step on a map. */
export interface MapNode {
  /** Unique on the map. Of a definition's map: the step's name; of a saga's: with `#2` for its second run. */
  readonly id: string;
  readonly kind: StepKind;
  readonly participant: string;
}

/** `from` had settled when `to` began. Those that follow from other edges are left out. */
export interface MapEdge {
  readonly from: string;
  readonly to: string;
}

/** A definition as its latest sagas went through it. */
export interface DefinitionMap {
  readonly workflow: string;
  readonly nodes: readonly (MapNode & {
    /** How many of the sagas that were read came here. */
    readonly seen: number;
    /** How many of them the step did not succeed in. */
    readonly failed: number;
    /** Of the latest thousand sagas that are stuck now, how many are stuck here. */
    readonly stuck: number;
    /** How long its action took, in milliseconds: the median of those that were read. */
    readonly medianMs?: number;
  })[];
  readonly edges: readonly (MapEdge & { readonly seen: number })[];
  /** How many sagas it was asked of. */
  readonly listed: number;
  /** How many of them were read: the others' workers did not answer in time. */
  readonly read: number;
}

/** Of how many of the latest sagas the map of a definition is drawn. */
const READ = 30;

/** How the latest sagas of a definition went through it, and where sagas are stuck now. */
export async function readDefinitionMap(client: SagaClient, workflow: string): Promise<DefinitionMap> {
  const { sagas } = await client.page({ workflow }, { size: READ });
  const reports = await readReports(client, sagas);
  const stuck = await countStuck(client, workflow);
  const steps = grouped(
    reports.flatMap((report) => report.steps.map((step) => ({ report, step }))),
    ({ step }) => stepName(step.name),
  );
  const edges = grouped(
    reports.flatMap(({ steps: all }) => [...new Set(namedEdges(all).map(collapsed))]),
    (edge) => edge,
  );
  return {
    workflow,
    listed: sagas.length,
    read: reports.length,
    nodes: [...steps].map(([id, seen]) => {
      const [{ step }] = seen as [(typeof seen)[number]];
      const times = seen.flatMap(({ step: { startedAt, settledAt } }) =>
        settledAt === undefined ? [] : [Date.parse(settledAt) - Date.parse(startedAt)],
      );
      const medianMs = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
      return {
        ...{ id, kind: step.kind, participant: step.participant },
        seen: new Set(seen.map(({ report }) => report)).size,
        failed: new Set(seen.filter(({ step: { failure } }) => failure).map(({ report }) => report)).size,
        stuck: stuck.get(id) ?? 0,
        ...(medianMs !== undefined && { medianMs }),
      };
    }),
    edges: [...edges].flatMap(([edge, { length: seen }]) => {
      const [from = '', to = ''] = JSON.parse(edge) as string[];
      return from === to ? [] : [{ from, to, seen }];
    }),
  };
}

/** The edges of a saga by the names of its steps. */
export function namedEdges(steps: LiveReport['steps']): { from: string; to: string }[] {
  return flowOf(steps).map(({ from, to }) => ({ from: steps[from]?.name ?? '', to: steps[to]?.name ?? '' }));
}

/** All runs of a step in a loop are one. */
function collapsed({ from, to }: { readonly from: string; readonly to: string }): string {
  return JSON.stringify([stepName(from), stepName(to)]);
}
