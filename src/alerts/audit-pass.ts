import type { SagaClient } from '../client';
import { type Cause, causeId } from './cause';
import { classesOf } from './group';
import type { OpenAlerts } from './open-alerts';
import type { WatchSettings } from './options';

/** One audit after the other. Sagas that are stuck or whose task fails are left to the poll, which knows them sooner. */
export class AuditPass {
  private round = 0;

  constructor(
    private readonly client: SagaClient,
    private readonly open: OpenAlerts,
    private readonly settings: WatchSettings,
  ) {}

  /** Changes nothing when it fails. @throws when the server or the records cannot be read. */
  async run(): Promise<void> {
    const { open, settings } = this;
    this.round += 1;
    const fresh = new Map<string, Cause>();
    let left = 0;
    for await (const { sagaId, code, message } of this.client.audit()) {
      if (code === 'STUCK' || code === 'TASK_FAILING') continue;
      const cause: Cause = { kind: 'audit-finding', sagaId, runId: '', code, message };
      if (open.see(causeId(cause), this.round)) continue;
      if (open.size + fresh.size < settings.maxTracked) fresh.set(causeId(cause), cause);
      else left += 1;
    }
    if (left > 0) settings.logger.warn({ left }, 'more findings than maxTracked: these are not in any alert');
    const now = new Date().toISOString();
    for (const causes of classesOf([...fresh.values()])) {
      const [first] = causes;
      if (!first) continue;
      if (causes.length > settings.groupAbove || open.hasGroup(first))
        open.raiseMany(causes, now, first.message ?? '', 'audit', this.round);
      else for (const cause of causes) open.raiseOne(cause, now, cause.message ?? '', 'audit', this.round);
    }
    open.resolveUnseen('audit', this.round);
  }
}
