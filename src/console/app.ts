import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ServiceError } from '@temporalio/client';
import { actOnSaga, type SagaClient, SagaClientError } from '../client';
import { readDecisions } from '../view/decisions-taken';
import { type DefinitionMap, readDefinitionMap } from '../view/definition-map';
import type { Batches } from './batches';
import { Cached } from './cached';
import { ConsoleError, type ConsoleErrorCode } from './console-error';
import type { Overview, SagaPageOfList } from './contract';
import { type Access, headers, loggedIn, logIn, sameSite } from './guard';
import { live } from './live';
import { readOverview } from './overview';
import { act, filterQuery, listQuery, login, newBatch, overviewQuery, parsed } from './requests';
import { readDetails, readRedacted, type Redact } from './saga-details';
import { lineOf } from './saga-line';

/** What the console is about. */
export interface AppOptions {
  readonly client: SagaClient;
  readonly batches: Batches;
  readonly access: Access;
  readonly workflows: readonly string[];
  readonly redact?: Redact | undefined;
  /** Aborted when the console ends. */
  readonly signal: AbortSignal;
}

const PAGE_SIZE = 50;
/** Of how many sagas the decisions are exported. */
const MAX_EXPORTED = 1_000;
const OVERVIEW_KEPT_MS = 2_000;
const MAP_KEPT_MS = 15_000;

/** The addresses of the console; `contract.ts` says what each takes and gives. */
export function consoleApp({ client, batches, access, workflows, redact, signal }: AppOptions): Hono {
  const app = new Hono();
  const overviews = new Cached<Overview>(OVERVIEW_KEPT_MS);
  const maps = new Cached<DefinitionMap>(MAP_KEPT_MS, ({ read, listed }) => read === listed);
  const overview = async (filter: { workflow?: string; where?: string }) =>
    await overviews.get(JSON.stringify(filter), () => readOverview(client, filter, workflows));

  app.onError((error, context) => {
    const { code, status } = refusalOf(error);
    return context.json({ code, message: error.message }, status);
  });
  app.use(headers, sameSite(access));
  app.use('/api/*', compress());

  const body = async (request: { json(): Promise<unknown> }) =>
    await request.json().catch((cause: unknown) => {
      throw new ConsoleError('REQUEST_INVALID', 'the body is not JSON', { cause });
    });
  app.post('/api/login', async (context) => {
    logIn(context, access, parsed(login, await body(context.req)).token);
    return context.body(null, 204);
  });
  app.use('/api/*', loggedIn(access));

  app.get('/api/overview', async (context) =>
    context.json(await overview(parsed(overviewQuery, context.req.query()))),
  );
  app.get('/api/sagas', async (context) => {
    const { cursor, ...filter } = parsed(listQuery, context.req.query());
    const page = await client.page(filter, { size: PAGE_SIZE, cursor });
    const answer: SagaPageOfList = { ...page, sagas: page.sagas.map(lineOf) };
    return context.json(answer);
  });
  app.get('/api/decisions', async (context) => {
    const filter = parsed(filterQuery, context.req.query());
    const { decisions } = await readDecisions(client, filter, MAX_EXPORTED);
    const lines = decisions.map((decision) => `${JSON.stringify(decision)}\n`);
    return context.body(lines.join(''), 200, { 'content-type': 'application/jsonl' });
  });
  app.get('/api/sagas/:id', async (context) =>
    context.json(await readDetails(client, context.req.param('id'))),
  );
  app.get('/api/sagas/:id/payloads', async (context) =>
    context.json(await readRedacted(client, context.req.param('id'), redact)),
  );
  app.post('/api/sagas/:id/acts', async (context) =>
    context.json(await actOnSaga(client, context.req.param('id'), parsed(act, await body(context.req)))),
  );
  app.get('/api/maps/:workflow', async (context) => {
    const { workflow = '' } = parsed(overviewQuery, { workflow: context.req.param('workflow') });
    return context.json(await maps.get(workflow, () => readDefinitionMap(client, workflow)));
  });
  app.get('/api/batches', (context) => context.json(batches.all));
  app.post('/api/batches', async (context) =>
    context.json(await batches.start(parsed(newBatch, await body(context.req)))),
  );
  app.post('/api/batches/estimate', async (context) =>
    context.json(await batches.estimate(parsed(newBatch, await body(context.req)))),
  );
  app.get('/api/batches/:id', (context) => context.json(batches.get(context.req.param('id')).shown));
  app.get('/api/batches/:id/log', (context) =>
    context.body(batches.logOf(context.req.param('id')), 200, { 'content-type': 'application/jsonl' }),
  );
  for (const verb of ['suspend', 'resume', 'cancel'] as const)
    app.post(`/api/batches/:id/${verb}`, (context) => {
      const batch = batches.get(context.req.param('id'));
      batch[verb]();
      return context.json(batch.shown);
    });
  app.get('/api/live', (context) =>
    live(
      context,
      { client, batches, overview: async () => await overview({}), signal },
      context.req.query('saga'),
    ),
  );
  app.notFound(({ req }) => {
    throw new ConsoleError('NOT_FOUND', `there is nothing at ${req.path}`);
  });
  return app;
}

const STATUS: Readonly<Record<ConsoleErrorCode, ContentfulStatusCode>> = {
  TOKEN_NEEDED: 500,
  TOKEN_MISSING: 401,
  ORIGIN_REFUSED: 403,
  REQUEST_INVALID: 400,
  NOT_FOUND: 404,
  BATCH_STATE: 409,
  CONSOLE_FAILED: 500,
  CONSOLE_UNREACHABLE: 500,
  PAGE_NOT_BUILT: 500,
};

function refusalOf(error: Error): { code: string; status: ContentfulStatusCode } {
  if (error instanceof ConsoleError) return { code: error.code, status: STATUS[error.code] };
  if (error instanceof SagaClientError)
    return { code: error.code, status: error.code === 'SAGA_NOT_FOUND' ? 404 : 409 };
  if (error instanceof HTTPException) return { code: 'REQUEST_INVALID', status: 400 };
  // A list filter that the server does not take, or a server that is away: both are in its words.
  if (error instanceof ServiceError) return { code: 'REQUEST_INVALID', status: 400 };
  return { code: 'CONSOLE_FAILED', status: 500 };
}
