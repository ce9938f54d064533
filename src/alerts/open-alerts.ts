import { type Alert, type AlertKind, keyOf, shortText } from './alert';
import { type Cause, causeId } from './cause';

/** Which part of the watcher finds a problem, and so sees that it is over. */
export type Finder = 'poll' | 'audit';

interface Tracked {
  readonly finder: Finder;
  /** Of its alert. */
  readonly key: string;
  /** In which round it was seen last. */
  round: number;
}

interface Open {
  alert: Alert;
  /** How many tracked causes it represents. */
  members: number;
  /** How many it represented when it was last sent. */
  notified: number;
}

const EXAMPLES = 5;
const CRITICAL: ReadonlySet<AlertKind> = new Set([
  'saga-stuck',
  'compensation-failing',
  'task-failing',
  'watch-failing',
]);

/** The alerts that are open, and which causes they represent. */
export class OpenAlerts {
  private readonly tracked = new Map<string, Tracked>();
  private readonly alerts = new Map<string, Open>();

  constructor(
    private readonly namespace: string,
    private readonly notify: (alert: Alert) => void,
  ) {}

  get size(): number {
    return this.tracked.size;
  }

  get all(): readonly Alert[] {
    return [...this.alerts.values()].map(({ alert }) => alert);
  }

  /** Notes that a cause is there in this round. @returns whether it is tracked. */
  see(id: string, round: number): boolean {
    const found = this.tracked.get(id);
    if (found) found.round = round;
    return found !== undefined;
  }

  has(id: string): boolean {
    return this.tracked.has(id);
  }

  /** Whether an alert for many sagas with the same kind, workflow, step and code is open. */
  hasGroup(cause: Cause): boolean {
    return this.alerts.has(this.groupKey(cause));
  }

  /** @param since of a finding of the audit, which does not know when it began, it is no part of the key. */
  raiseOne(cause: Cause, since: string, message: string, finder: Finder, round: number): void {
    const { kind, sagaId, step, code } = cause;
    const parts = kind === 'audit-finding' ? [code] : [step, since];
    const key = keyOf(this.namespace, kind, sagaId, ...parts);
    this.track(cause, key, finder, round);
    if (this.alerts.has(key)) return;
    this.open({ ...this.alertOf(cause, key, since, message), sagaId });
  }

  /** Raises one alert for many sagas, or adds them to the one that is open. */
  raiseMany(causes: readonly Cause[], since: string, message: string, finder: Finder, round: number): void {
    const [first] = causes;
    if (!first) return;
    const key = this.groupKey(first);
    for (const cause of causes) this.track(cause, key, finder, round);
    const known = this.alerts.get(key);
    const count = (known?.members ?? 0) + causes.length;
    if (!known) {
      const examples = causes.slice(0, EXAMPLES).map(({ sagaId }) => sagaId);
      this.open({ ...this.alertOf(first, key, since, message), count, examples }, count);
      return;
    }
    known.members = count;
    known.alert = { ...known.alert, count };
    if (count < known.notified * 2) return;
    known.notified = count;
    this.notify(known.alert);
  }

  /** Raises an alert of the watcher itself. */
  raiseFailing(finder: Finder, since: string, message: string): void {
    const key = keyOf(this.namespace, 'watch-failing', finder);
    if (this.alerts.has(key)) return;
    const { namespace } = this;
    const text = shortText(message);
    this.open({
      key,
      kind: 'watch-failing',
      status: 'open',
      severity: 'critical',
      namespace,
      step: finder,
      since,
      message: text,
    });
  }

  resolveFailing(finder: Finder): void {
    this.resolve(keyOf(this.namespace, 'watch-failing', finder));
  }

  /** Adds what became known of a cause since its alert was raised; it is not sent again. */
  amend(cause: Cause, message: string): void {
    const open = this.alerts.get(this.tracked.get(causeId(cause))?.key ?? '');
    if (!open || open.alert.count !== undefined) return;
    const { code } = cause;
    open.alert = { ...open.alert, ...(code !== undefined && { code }), message: shortText(message) };
  }

  /** Resolves what a finder has not seen in this round. @returns the causes that are over. */
  resolveUnseen(finder: Finder, round: number): string[] {
    const over = [...this.tracked].filter(([, each]) => each.finder === finder && each.round !== round);
    for (const [id, { key }] of over) {
      this.tracked.delete(id);
      const open = this.alerts.get(key);
      if (!open) continue;
      open.members -= 1;
      if (open.members === 0) this.resolve(key);
      else open.alert = { ...open.alert, count: open.members };
    }
    return over.map(([id]) => id);
  }

  private track(cause: Cause, key: string, finder: Finder, round: number): void {
    this.tracked.set(causeId(cause), { finder, key, round });
  }

  private open(alert: Alert, members = 1): void {
    this.alerts.set(alert.key, { alert, members, notified: members });
    this.notify(alert);
  }

  private resolve(key: string): void {
    const open = this.alerts.get(key);
    if (!open) return;
    this.alerts.delete(key);
    const { alert, notified } = open;
    const most = alert.count === undefined ? {} : { count: notified };
    this.notify({ ...alert, ...most, status: 'resolved', resolvedAt: new Date().toISOString() });
  }

  private groupKey({ kind, workflow, step, code }: Cause): string {
    return keyOf(this.namespace, kind, 'many', workflow, step, code);
  }

  private alertOf({ kind, workflow, step, code }: Cause, key: string, since: string, message: string): Alert {
    return {
      key,
      kind,
      status: 'open',
      severity: CRITICAL.has(kind) ? 'critical' : 'warning',
      namespace: this.namespace,
      ...(workflow !== undefined && { workflow }),
      ...(step !== undefined && { step }),
      ...(code !== undefined && { code }),
      since,
      message: shortText(message),
    };
  }
}
