import type { SagaClient, SagaFilter } from '../client';
import { readStuckGroups } from '../view/incidents';
import { grouped } from '../view/grouped';
import { take } from '../view/take';
import type { Incident, Overview } from './contract';

const MAX_FAILING = 1_000;
const LATEST = 200;

/** What there is, and what needs a person. @param configured workflow types that are named although no saga of theirs ran lately. */
export async function readOverview(
  client: SagaClient,
  filter: Omit<SagaFilter, 'state'>,
  configured: readonly string[],
): Promise<Overview> {
  const [counts, latest] = await Promise.all([client.count(filter), client.page(filter, { size: LATEST })]);
  const workflows = new Set([...configured, ...latest.sagas.map(({ workflow }) => workflow)]);
  const incidents = [
    ...(counts['task-failing'] > 0 ? await failing(client, filter) : []),
    ...(counts.stuck > 0 ? await stuck(client, filter) : []),
  ];
  return {
    at: new Date().toISOString(),
    counts,
    workflows: [...workflows].sort(),
    incidents: incidents.sort((a, b) => b.count - a.count),
  };
}

async function stuck(client: SagaClient, filter: Omit<SagaFilter, 'state'>): Promise<Incident[]> {
  const groups = await readStuckGroups(client, filter);
  return groups.map(({ workflow, step, count, causes }) => ({
    ...({ kind: 'stuck', workflow, step, count, causes } as const),
    filter: { workflow, state: 'stuck', where: within(filter, `SagaStuckStep = ${quoted(step)}`) },
  }));
}

async function failing(client: SagaClient, filter: Omit<SagaFilter, 'state'>): Promise<Incident[]> {
  const sagas = await take(MAX_FAILING, client.list({ ...filter, state: 'task-failing' }));
  return [...grouped(sagas, ({ workflow }) => workflow)].map(([workflow, some]) => {
    const byCause = [...grouped(some, ({ problem = 'WorkflowTaskFailed' }) => problem)];
    const causes = byCause.map(([code, { length: count }]) => ({
      code,
      message: 'their workflow task fails: deploy workflow code that fits their histories',
      count,
      since: some.map(({ startedAt }) => startedAt.toISOString()).sort()[0] ?? '',
    }));
    return {
      ...({ kind: 'task-failing', workflow, count: some.length, causes } as const),
      filter: { workflow, state: 'task-failing', ...(filter.where !== undefined && { where: filter.where }) },
    };
  });
}

function within({ where }: Omit<SagaFilter, 'state'>, condition: string): string {
  return where === undefined ? condition : `(${where}) AND ${condition}`;
}

/** In a list filter. */
function quoted(name: string): string {
  return `'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
