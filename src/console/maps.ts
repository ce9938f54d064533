import type { LiveReport, SagaClient } from '../client';
import { flowOf, stepName } from '../view/flow';
import { grouped } from '../view/grouped';
import { readStuckGroups } from '../view/incidents';
import { readReports } from '../view/reports';
import type { DefinitionMap, SagaDetails } from './contract';

/** Of how many of the latest sagas the map of a definition is drawn. */
const READ = 30;

/** What happened in a saga. */
export function mapOfSaga({ steps }: LiveReport): SagaDetails['map'] {
  return {
    nodes: steps.map(({ name, kind, participant, state, stuck, failure, compensation }) => {
      const code = (stuck ?? failure)?.code;
      return {
        ...{ id: name, kind, participant, state },
        ...(code !== undefined && { code }),
        ...(compensation && { compensation: compensation.state }),
      };
    }),
    edges: namedEdges(steps),
  };
}

/** How the latest sagas of a definition went through it, and where sagas are stuck now. */
export async function readDefinitionMap(client: SagaClient, workflow: string): Promise<DefinitionMap> {
  const { sagas } = await client.page({ workflow }, { size: READ });
  const reports = await readReports(client, sagas);
  const stuck = new Map(
    (await readStuckGroups(client, { workflow })).map(({ step, count }) => [step, count]),
  );
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

function namedEdges(steps: LiveReport['steps']): { from: string; to: string }[] {
  return flowOf(steps).map(({ from, to }) => ({ from: steps[from]?.name ?? '', to: steps[to]?.name ?? '' }));
}

/** All runs of a step in a loop are one. */
function collapsed({ from, to }: { readonly from: string; readonly to: string }): string {
  return JSON.stringify([stepName(from), stepName(to)]);
}
