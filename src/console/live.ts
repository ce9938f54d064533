import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SagaClient } from '../client';
import type { Batches } from './batches';
import type { LiveEvent, Overview } from './contract';
import { readDetails } from './saga-details';

const EVERY_MS = 2_000;
/** What has ended changes seldom: by a reset, or by a reverse of its parent. */
const EVERY_MS_WHEN_CLOSED = 15_000;
const BEAT_MS = 15_000;

/** What a live connection reads. */
export interface LiveSources {
  readonly client: SagaClient;
  readonly batches: Batches;
  readonly overview: () => Promise<Overview>;
  /** Aborted when the console ends. */
  readonly signal: AbortSignal;
}

/** Sends a browser what has changed, until it disconnects. @param sagaId the saga that it shows */
export function live(context: Context, sources: LiveSources, sagaId: string | undefined): Response {
  const { client, batches, overview, signal } = sources;
  return streamSSE(context, async (stream) => {
    const said = new Map<LiveEvent, string>();
    let over = signal.aborted;
    let wake: () => void = () => undefined;
    const end = () => {
      over = true;
      wake();
    };
    stream.onAbort(end);
    signal.addEventListener('abort', end, { once: true });
    const stopListening = batches.onChange(() => wake());
    const say = async (event: LiveEvent, value: unknown) => {
      const data = JSON.stringify(value);
      if (said.get(event) === data) return;
      said.set(event, data);
      await stream.writeSSE({ event, data });
    };
    let beat = Date.now();
    let nextSaga = 0;
    while (!over) {
      await say('batches', batches.all);
      // A server that is away for a moment is asked again; the page says that its data is old.
      await overview().then(async (value) => await say('overview', value), ignore);
      if (sagaId !== undefined && Date.now() >= nextSaga) {
        const details = await readDetails(client, sagaId).catch(ignore);
        if (details) await say('saga', details);
        nextSaga = Date.now() + (details?.saga.closedAt ? EVERY_MS_WHEN_CLOSED : 0);
      }
      if (Date.now() - beat > BEAT_MS) {
        beat = Date.now();
        await stream.write(': beat\n\n');
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS);
        wake = () => {
          clearTimeout(timer);
          // Of a batch that runs there is something new all the time.
          setTimeout(resolve, EVERY_MS / 10);
        };
        if (over) wake();
      });
    }
    stopListening();
    signal.removeEventListener('abort', end);
  });
}

function ignore(): undefined {
  return undefined;
}
