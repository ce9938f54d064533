import { signal } from '@preact/signals';
import type { Batch, LiveEvent, Overview, SagaDetails } from '../contract';
import { get } from './api';
import { segment } from './addresses';

/** The latest of what the server sent by itself. */
export const pushedOverview = signal<Overview | undefined>(undefined);
export const pushedBatches = signal<readonly Batch[] | undefined>(undefined);
export const pushedSaga = signal<SagaDetails | undefined>(undefined);

export const connectionLost = signal(false);
/** How often the connection came back: what changed in between was missed. */
export const reconnects = signal(0);

const TRY_AGAIN_MS = 3_000;

/** Keeps a connection for changes. @returns what ends it. */
export function followChanges(sagaId: string | undefined): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  const connect = () => {
    source = new EventSource(`/api/live${sagaId === undefined ? '' : `?saga=${segment(sagaId)}`}`);
    source.addEventListener('open', () => {
      if (connectionLost.value) reconnects.value += 1;
      connectionLost.value = false;
    });
    source.addEventListener('error', () => {
      connectionLost.value = true;
      if (source?.readyState !== EventSource.CLOSED) return;
      // The browser tries again by itself unless the answer was an error, such as that a login is needed.
      get('/api/batches').catch(() => undefined);
      timer = window.setTimeout(connect, TRY_AGAIN_MS);
    });
    listen(source, 'overview', (data) => (pushedOverview.value = data as Overview));
    listen(source, 'batches', (data) => (pushedBatches.value = data as readonly Batch[]));
    listen(source, 'saga', (data) => (pushedSaga.value = data as SagaDetails));
  };
  connect();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}

function listen(source: EventSource, event: LiveEvent, take: (data: unknown) => void): void {
  source.addEventListener(event, ({ data }: MessageEvent<string>) => take(JSON.parse(data)));
}
