import type { Pool } from 'pg';

/**
 * What the queue leaves to its users, in each service's database:
 *
 * - The jobs of a process that was killed stay locked for four hours. They are unlocked when Postgres has no session any
 *   more under the id of its pool. One that only lost its connection may then run twice at once, which the barrier allows.
 * - The pause before a job is tried again grows to six hours. It is kept below a limit, as an outage may be over sooner.
 */
export async function keepHouse(pool: Pool, retryWithinMs: number): Promise<void> {
  await pool.query(
    `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
     WHERE locked_by IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = locked_by)`,
  );
  await pool.query(
    `SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now() + make_interval(secs => $1))
     FROM graphile_worker.jobs
     WHERE locked_by IS NULL AND last_error IS NOT NULL AND attempts < max_attempts
       AND run_at > now() + make_interval(secs => $1)`,
    [retryWithinMs / 1_000],
  );
}
