import type { Transaction } from '../../src/participant';
import type { ServiceName } from '../../services/names';
import { consumers, type ShopEvent } from './events';

/**
 * How often a job is tried before it needs a person. {@link keepHouse} has each tried at least every half minute: with
 * that, this is most of a day.
 */
export const MAX_ATTEMPTS = 2_000;

/** The task of the relay. */
export const DELIVER = 'deliver';

/** One event on its way to one of its consumers. */
export interface Delivery {
  readonly to: ServiceName;
  readonly event: ShopEvent;
}

/**
 * Publishes an event in the transaction of the change that it announces: both are committed, or neither. Each consumer
 * has a job of its own, so one that is down holds nobody else up. Its key tells an operator which event of which order it
 * carries.
 */
export async function publish(tx: Transaction, event: ShopEvent): Promise<void> {
  await tx.query(
    `SELECT graphile_worker.add_job($1, json_build_object('to', consumer, 'event', $2::json), max_attempts => $3,
       job_key => consumer || ' ' || $5, job_key_mode => 'unsafe_dedupe')
     FROM unnest($4::text[]) AS consumer`,
    [DELIVER, JSON.stringify(event), MAX_ATTEMPTS, consumers[event.type], keyOf(event)],
  );
}

/** Whoever adds the same event again while it waits adds nothing. */
export function keyOf({ type, orderId }: ShopEvent): string {
  return `${type} ${orderId}`;
}
