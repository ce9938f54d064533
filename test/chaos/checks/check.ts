import type { Client } from '@temporalio/client';
import type { ServiceUrls } from '../../../services/names';
import type { Style } from '../options';
import { checkAllOrNothing, checkNobodyElses } from './all-or-nothing';
import { checkBarrier, countBlocked } from './barrier';
import { checkConserved, checkDoneOnce } from './conserved';
import { withDatabases } from './databases';
import { readEffects } from './effects';
import type { Violation } from './violation';
import { checkCount, readStandings, type Standings } from './workflows';

export interface Findings extends Standings {
  readonly violations: readonly Violation[];
  /** Actions that were blocked before they came. */
  readonly blocked: number;
}

/**
 * Holds a system at rest against its promise, from outside: SQL of its own on all four databases, and Temporal's plain
 * client. Only a product's saga has barrier rows to look at.
 */
export async function check(
  client: Client,
  urls: ServiceUrls,
  started: ReadonlySet<string>,
  style: Style,
): Promise<Findings> {
  const standings = await readStandings(client, started);
  return withDatabases(urls, async (databases) => {
    const effects = await readEffects(databases);
    const violations = [
      ...(await checkConserved(databases)),
      ...(await checkDoneOnce(databases)),
      ...checkAllOrNothing(standings.answers, effects),
      ...checkNobodyElses(started, effects),
      ...(style === 'unwind' ? await checkBarrier(standings.answers, databases) : []),
      ...(await checkCount(client, started.size)),
    ];
    return { ...standings, violations, blocked: await countBlocked(databases) };
  });
}
