import { type BulkAct, type BulkResult, actOnMany, type SagaClient } from '../client';
import { ConsoleError } from './console-error';
import type { ActResult, Batch, ListFilter } from './contract';

/** What a batch is to do. */
export interface BatchOrder {
  readonly id: string;
  readonly at: string;
  readonly act: BulkAct;
  readonly filter: ListFilter;
  readonly perSecond: number;
  readonly sagaIds: readonly string[];
}

const SHOWN_FAILURES = 100;

/** Does something to many sagas, until it is done, suspended or cancelled. Everything is written to a log first. */
export class RunningBatch {
  private state: Batch['state'];
  private readonly ended = new Map<string, BulkResult>();
  private stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /**
   * @param before what the log says of it, if another console began it.
   * @param changed is called whenever something has changed.
   */
  constructor(
    private readonly client: SagaClient,
    private readonly order: BatchOrder,
    private readonly log: (line: BulkResult | Pick<Batch, 'state'>) => void,
    private readonly changed: () => void,
    before?: { readonly state: Batch['state']; readonly results: readonly BulkResult[] },
  ) {
    for (const result of before?.results ?? []) this.ended.set(result.sagaId, result);
    const { state = 'suspended' } = before ?? {};
    this.state = state === 'runs' || state === 'suspended' ? 'interrupted' : state;
  }

  get shown(): Batch {
    const { id, at, act, filter, sagaIds } = this.order;
    const results: Partial<Record<BulkResult['result'], number>> = {};
    for (const { result } of this.ended.values()) results[result] = (results[result] ?? 0) + 1;
    const failures = [...this.ended.values()].filter(({ result }) => result !== 'done');
    return {
      ...{ id, at, ...act, filter, state: this.state, total: sagaIds.length, results },
      failures: failures.slice(-SHOWN_FAILURES).map(shownResult),
    };
  }

  /** @throws ConsoleError `BATCH_STATE` */
  resume(): void {
    if (this.state !== 'suspended' && this.state !== 'interrupted') this.refuse('resumed');
    this.enter('runs');
    this.stop = new AbortController();
    const before = this.running;
    this.running = before.then(async () => await this.run(this.stop.signal));
  }

  /** Sagas that it is at are ended. @throws ConsoleError `BATCH_STATE` */
  suspend(): void {
    if (this.state !== 'runs') this.refuse('suspended');
    this.enter('suspended');
    this.stop.abort();
  }

  /** As {@link suspend}, for good. @throws ConsoleError `BATCH_STATE` */
  cancel(): void {
    if (this.state === 'done' || this.state === 'cancelled') this.refuse('cancelled');
    this.enter('cancelled');
    this.stop.abort();
  }

  /** The console ends: what it is at is ended, and the rest can be resumed later. */
  async interrupt(): Promise<void> {
    if (this.state === 'runs') this.state = 'interrupted';
    this.stop.abort();
    await this.running;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { act, perSecond, sagaIds } = this.order;
    const left = sagaIds.filter((id) => !this.ended.has(id));
    for await (const result of actOnMany(this.client, left, act, { perSecond, signal })) {
      this.log(result);
      this.ended.set(result.sagaId, result);
      this.changed();
    }
    if (!signal.aborted) this.enter('done');
  }

  private enter(state: Batch['state']): void {
    this.log({ state });
    this.state = state;
    this.changed();
  }

  private refuse(what: string): never {
    const { id } = this.order;
    throw new ConsoleError('BATCH_STATE', `${id} cannot be ${what}: it is ${this.state}`);
  }
}

function shownResult({ sagaId, at, result, message, state, rescueId }: BulkResult): ActResult {
  return {
    ...{ sagaId, at, result },
    ...(message !== undefined && { message }),
    ...(state !== undefined && { state }),
    ...(rescueId !== undefined && { rescueId }),
  };
}
