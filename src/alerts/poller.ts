import type { SagaClient } from '../client';
import { mapAtOnce } from './at-once';
import { type Cause, causeId, causeIdOf } from './cause';
import { classesOf } from './group';
import { readOnset } from './onset';
import type { OpenAlerts } from './open-alerts';
import type { WatchSettings } from './options';
import { Scan } from './scan';
import { readStuckReports, type StuckReport } from './stuck-report';

/** Reports that one poll reads at most. Further sagas with the same workflow and step are taken to have the same code. */
const REPORTS_PER_POLL = 200;
const HISTORIES_AT_ONCE = 10;
/** When the report of a stuck compensation is read again that has no next attempt, or did not answer. */
const AGAIN_AFTER_MS = 60_000;

/** A cause with what is known of it besides visibility. */
interface Known extends Cause {
  readonly message: string;
  /** ISO 8601; otherwise the history shows when it began. */
  readonly since?: string;
}

/** One poll after the other: finds what is new and what is over. */
export class Poller {
  private round = 0;
  private readonly scan: Scan;
  /** The stuck sagas whose report is read again, and when. */
  private readonly again = new Map<string, { readonly cause: Cause; readonly at: number }>();

  constructor(
    private readonly client: SagaClient,
    private readonly open: OpenAlerts,
    private readonly settings: WatchSettings,
  ) {
    this.scan = new Scan(client, settings.filter, settings.logger);
  }

  /** Changes nothing when it fails. @throws when the server does not answer the query. */
  async poll(): Promise<void> {
    this.round += 1;
    const fresh = await this.findNew();
    const stuck = fresh.filter(({ kind }) => kind === 'saga-stuck');
    const asked = stuck.slice(0, REPORTS_PER_POLL);
    asked.push(...this.dueAgain(REPORTS_PER_POLL - asked.length));
    const reports = await readStuckReports(this.client, asked);
    const known = [
      ...withoutReport(fresh.filter(({ kind }) => kind !== 'saga-stuck')),
      ...this.knownStuck(stuck, reports),
      ...this.derived(reports),
    ];
    await this.raise(known);
    for (const id of this.open.resolveUnseen('poll', this.round)) this.again.delete(id);
  }

  private async findNew(): Promise<Cause[]> {
    const fresh = new Map<string, Cause>();
    let left = 0;
    for await (const cause of this.scan.causes()) {
      const id = causeId(cause);
      // What is only in a report is over when the saga is no longer stuck.
      const { sagaId, step, kind } = cause;
      if (kind === 'saga-stuck') {
        this.open.see(causeIdOf('compensation-failing', sagaId, step), this.round);
        this.open.see(causeIdOf('deadline-passed', sagaId), this.round);
      }
      if (this.open.see(id, this.round)) continue;
      if (this.open.size + fresh.size < this.settings.maxTracked) fresh.set(id, cause);
      else left += 1;
    }
    if (left > 0)
      this.settings.logger.warn({ left }, 'more problems than maxTracked: these are not in any alert');
    return [...fresh.values()];
  }

  private dueAgain(limit: number): Cause[] {
    const now = Date.now();
    const due: Cause[] = [];
    for (const [id, { cause, at }] of this.again) {
      if (due.length >= limit) break;
      if (at <= now && this.open.has(id)) due.push(cause);
    }
    return due;
  }

  private knownStuck(
    stuck: readonly Cause[],
    reports: ReadonlyMap<Cause, StuckReport | 'over'>,
  ): readonly Known[] {
    const known: Known[] = [];
    const rest: Cause[] = [];
    for (const cause of stuck) {
      const report = reports.get(cause);
      if (report === undefined) rest.push(cause);
      else if (report !== 'over') known.push(withReport(cause, report));
    }
    const classes = [...classesOf(known)].sort((one, other) => other.length - one.length);
    for (const cause of rest) {
      const like = classes.find(([each]) => each?.workflow === cause.workflow && each?.step === cause.step);
      known.push({ ...cause, message: 'its report is not read yet', ...likenessOf(like?.[0]) });
      this.again.set(causeId(cause), { cause, at: 0 });
    }
    return known;
  }

  /** What only the reports of stuck sagas show. Notes which of them are to be read again. */
  private derived(reports: ReadonlyMap<Cause, StuckReport | 'over'>): readonly Known[] {
    const known: Known[] = [];
    for (const [cause, report] of reports) {
      const id = causeId(cause);
      this.again.delete(id);
      if (report === 'over') continue;
      const { compensation, rounds, retryAt, declinedAt } = report;
      const { sagaId, runId, workflow } = cause;
      const about = withReport(cause, report);
      this.open.amend(about, about.message);
      if (declinedAt !== undefined)
        known.push({
          kind: 'deadline-passed',
          sagaId,
          runId,
          ...(workflow !== undefined && { workflow }),
          code: 'DEADLINE_EXCEEDED',
          message: 'the deadline of the saga passed after its pivot',
          since: declinedAt,
        });
      if (compensation && rounds !== undefined && rounds >= this.settings.compensationRounds)
        known.push({
          ...about,
          kind: 'compensation-failing',
          message: `${rounds} rounds used up: ${about.message}`,
        });
      else if (compensation || rounds === undefined)
        this.again.set(id, { cause, at: Math.max(retryAt ?? 0, Date.now() + this.pauseOf(report)) });
    }
    return known;
  }

  private pauseOf({ rounds, retryAt }: StuckReport): number {
    return rounds === undefined || retryAt === undefined ? AGAIN_AFTER_MS : this.settings.everyMs / 2;
  }

  private async raise(known: readonly Known[]): Promise<void> {
    const { round, open } = this;
    const deduped = [...new Map(known.map((cause) => [causeId(cause), cause])).values()];
    const classes = classesOf(deduped.filter((cause) => !open.has(causeId(cause))));
    const single: Known[] = [];
    const now = new Date().toISOString();
    const many: (readonly Known[])[] = [];
    for (const each of classes) {
      const isMany = each.length > this.settings.groupAbove || (each[0] && open.hasGroup(each[0]));
      if (isMany) many.push(each);
      else single.push(...each);
    }
    const onsets = await mapAtOnce(HISTORIES_AT_ONCE, single, async (cause) => {
      const { since } = cause;
      return since === undefined ? await readOnset(this.client.temporal, cause) : { since };
    });
    for (const each of many) open.raiseMany(each, now, each[0]?.message ?? '', 'poll', round);
    for (const [index, cause] of single.entries()) {
      const { since, message } = onsets[index] ?? { since: now };
      open.raiseOne(cause, since, message ?? cause.message, 'poll', round);
    }
  }
}

function likenessOf(known: Known | undefined): Partial<Pick<Known, 'code' | 'message'>> {
  if (!known) return {};
  const { code, message } = known;
  return { ...(code !== undefined && { code }), message };
}

function withReport(cause: Cause, { code, message }: StuckReport): Known {
  return { ...cause, ...(code !== undefined && { code }), message };
}

function withoutReport(causes: readonly Cause[]): readonly Known[] {
  return causes.map((cause) => ({
    ...cause,
    message:
      cause.kind === 'task-failing'
        ? `the workflow task fails: ${cause.code ?? ''}`
        : 'the deadline of the saga has passed',
  }));
}
