import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BulkResult, SagaClient } from '../client';
import { stateFor } from '../view/decisions';
import { take } from '../view/take';
import { type BatchOrder, RunningBatch } from './batch';
import { ConsoleError } from './console-error';
import type { Batch, Estimate, ListFilter, NewBatch } from './contract';
import { lineOf } from './saga-line';

const SUFFIX = '.jsonl';
const SHOWN = 10;
const MAX = 10_000;
const PER_SECOND = 10;

type Line = BulkResult | Pick<Batch, 'state'>;

/**
 * The batches of a console. Each has a log, lines of JSON: what was requested and by whom, then the result for each saga.
 * A console that starts again finds them there, and those that it had not ended can be resumed.
 */
export class Batches {
  private readonly batches = new Map<string, RunningBatch>();
  private readonly listeners = new Set<() => void>();

  /** @param directory where the logs are; made when it is not there. */
  constructor(
    private readonly client: SagaClient,
    private readonly directory: string,
  ) {
    mkdirSync(directory, { recursive: true });
    const logs = readdirSync(directory).filter((name) => name.endsWith(SUFFIX));
    for (const name of logs.sort()) this.reopen(name.slice(0, -SUFFIX.length));
  }

  /** The latest first. */
  get all(): Batch[] {
    return [...this.batches.values()].map(({ shown }) => shown).reverse();
  }

  /** @throws ConsoleError `NOT_FOUND` */
  get(id: string): RunningBatch {
    const found = this.batches.get(id);
    if (!found) throw new ConsoleError('NOT_FOUND', `there is no batch ${id}`);
    return found;
  }

  /** The log of a batch. @throws ConsoleError `NOT_FOUND` */
  logOf(id: string): string {
    this.get(id);
    return readFileSync(this.pathOf(id), 'utf8');
  }

  /** How many sagas a batch would be about. */
  async estimate({ verb, filter, max = MAX }: NewBatch): Promise<Estimate> {
    const sagas = await take(max, this.client.list(inStateFor(verb, filter)));
    return { count: sagas.length, first: sagas.slice(0, SHOWN).map(lineOf) };
  }

  /** Begins a batch about the sagas that match now. */
  async start({ filter, perSecond = PER_SECOND, max = MAX, ...act }: NewBatch): Promise<Batch> {
    const sagas = await take(max, this.client.list(inStateFor(act.verb, filter)));
    const at = new Date().toISOString();
    const id = `${at.replace(/\D/g, '').slice(0, 14)}-${act.verb}-${randomUUID().slice(0, 8)}`;
    const order = { id, at, act, filter, perSecond, sagaIds: sagas.map(({ sagaId }) => sagaId) };
    this.write(id, order);
    const batch = this.add(order);
    batch.resume();
    return batch.shown;
  }

  /** @returns what ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends what runs, after the sagas that it is at. */
  async close(): Promise<void> {
    await Promise.all([...this.batches.values()].map(async (batch) => await batch.interrupt()));
  }

  private reopen(id: string): void {
    const [first = '', ...lines] = readFileSync(this.pathOf(id), 'utf8').split('\n').filter(isWhole);
    const order = JSON.parse(first || 'null') as BatchOrder | null;
    if (order?.id !== id) return;
    const told = lines.map((line) => JSON.parse(line) as Line);
    const results = told.filter((line): line is BulkResult => 'result' in line);
    const { state = 'suspended' } = told.findLast((line) => !('result' in line)) ?? {};
    this.add(order, { state: state as Batch['state'], results });
  }

  private add(order: BatchOrder, before?: ConstructorParameters<typeof RunningBatch>[4]): RunningBatch {
    const { id } = order;
    const changed = () => {
      for (const listener of this.listeners) listener();
    };
    const batch = new RunningBatch(this.client, order, (line) => this.write(id, line), changed, before);
    this.batches.set(id, batch);
    return batch;
  }

  private write(id: string, line: BatchOrder | Line): void {
    appendFileSync(this.pathOf(id), `${JSON.stringify(line)}\n`);
  }

  private pathOf(id: string): string {
    return join(this.directory, `${id}${SUFFIX}`);
  }
}

/** Leaves out a line that was being written when the console was killed. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function inStateFor(verb: NewBatch['verb'], filter: ListFilter): ListFilter {
  return { state: stateFor[verb], ...filter };
}
