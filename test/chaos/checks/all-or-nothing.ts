import { serviceNames } from '../../../services/names';
import type { Effect, Effects } from './effects';
import type { Answer, Violation } from './violation';

const pending = new Set(['PENDING', 'HELD', 'RESERVED', 'BOOKED']);
const final = new Set(['CONFIRMED', 'CAPTURED', 'SHIPPED', 'DISPATCHED']);

interface Standing {
  readonly service: string;
  readonly effect: Effect;
}

/** Each closed saga left everything or nothing, and what it answered is what the databases say. */
export function checkAllOrNothing(answers: readonly Answer[], effects: Effects): Violation[] {
  const of = effectsBySaga(effects);
  return answers.flatMap((answer) => {
    const all = of.get(answer.sagaId) ?? [];
    const standing = all.filter(({ effect: { state } }) => pending.has(state) || final.has(state));
    return [...judge(answer, standing), ...contradictions(answer, all)];
  });
}

/** Nothing stands of a saga that nobody has started. */
export function checkNobodyElses(started: ReadonlySet<string>, effects: Effects): Violation[] {
  return serviceNames
    .flatMap((service) => effects[service].map((effect) => ({ service, effect })))
    .filter(({ effect }) => !started.has(effect.sagaId))
    .map(({ service, effect }) => ({
      kind: 'nobodys',
      about: effect.sagaId,
      what: `${service} holds ${effect.state} of a saga that was not started`,
    }));
}

function effectsBySaga(effects: Effects): ReadonlyMap<string, readonly Standing[]> {
  const bySaga = new Map<string, Standing[]>();
  for (const service of serviceNames) {
    for (const effect of effects[service]) {
      bySaga.set(effect.sagaId, [...(bySaga.get(effect.sagaId) ?? []), { service, effect }]);
    }
  }
  return bySaga;
}

/** One verdict for a saga: the first that fits. */
function judge({ sagaId, ended }: Answer, standing: readonly Standing[]): Violation[] {
  const found = standing.map(({ service, effect }) => `${service} ${effect.state}`).join(', ') || 'nothing';
  const verdict = (kind: string) => [{ kind, about: sagaId, what: `it ${ended}; there stands ${found}` }];
  if (isEverything(standing)) return ended === 'completed' ? [] : verdict('undone-not');
  if (ended === 'completed') return verdict('half-done');
  if (standing.length === 0) return [];
  return verdict(standing.some(({ effect }) => final.has(effect.state)) ? 'half-undone' : 'left-behind');
}

function isEverything(standing: readonly Standing[]): boolean {
  const [order, payment, inventory, shipping] = serviceNames.map(
    (service) => standing.find((each) => each.service === service)?.effect,
  );
  return (
    standing.length === 4 &&
    standing.every(({ effect }) => final.has(effect.state) && effect.orderId === order?.orderId) &&
    payment?.money === order?.money &&
    inventory?.goods === order?.goods &&
    shipping?.goods === order?.goods
  );
}

function contradictions(
  { sagaId, orderId, ended, reason, receipt, wasReset }: Answer,
  all: readonly Standing[],
): Violation[] {
  const says = (what: string) => ({ kind: 'answered-otherwise', about: sagaId, what });
  const found = (service: string) =>
    all.filter((each) => each.service === service).map(({ effect }) => effect);
  const [order] = found('order');
  if (ended === 'completed') {
    const claims: [string, unknown, readonly (string | null)[]][] = [
      ['orderId', receipt?.['orderId'], [orderId]],
      ['captureId', receipt?.['captureId'], found('payment').map(({ id }) => id)],
      ['shipmentId', receipt?.['shipmentId'], found('shipping').map(({ id }) => id)],
      ['total', moneyOf(receipt?.['total']), found('order').map(({ money }) => money)],
    ];
    return claims
      .filter(([, claimed, there]) => typeof claimed !== 'string' || !there.includes(claimed))
      .map(([field, claimed, there]) =>
        says(`its ${field} is ${String(claimed)}; there is ${there.join(', ') || 'none'}`),
      );
  }
  if (order === undefined) return [];
  const [state, why] = ended === 'cancelled' ? ['CANCELLED', 'CANCELLED'] : ['REJECTED', reason];
  if (order.state === state && order.reason === why) return [];
  if (wasReset && (order.state === 'CANCELLED' || order.state === 'REJECTED')) return [];
  return [
    says(
      `it ended ${ended} (${reason ?? 'no reason'}); the order is ${order.state} (${order.reason ?? 'no reason'})`,
    ),
  ];
}

function moneyOf(total: unknown): string {
  const { amount, currency } = (total ?? {}) as { amount?: unknown; currency?: unknown };
  return `${String(amount)} ${String(currency)}`;
}
