import type { Auditor, Effect } from './effects';
import { readEffects } from './effects';
import type { InvariantReport } from './invariant';
import { invariant } from './invariant';

/** A saga that is over, and what it answered. */
export interface EndedSaga {
  readonly orderId: string;
  readonly workflowId: string;
  readonly ended: 'completed' | 'compensated' | 'cancelled';
  /** Why it was compensated, such as `CARD_DECLINED`. */
  readonly reason?: string;
}

/** Effects on their way: only a saga that is not over may have them. */
const open = new Set(['PENDING', 'HELD', 'RESERVED', 'BOOKED']);
/** Effects of a completed saga. */
const final = new Set(['CONFIRMED', 'CAPTURED', 'SHIPPED', 'DISPATCHED']);

/** Holds what ended sagas left in the databases against all-or-nothing, and against what they answered. */
export async function checkEndedSagas(
  auditor: Auditor,
  ended: readonly EndedSaga[],
): Promise<InvariantReport> {
  const effects = await readEffects(
    auditor,
    ended.map((saga) => saga.workflowId),
  );
  const check = (
    name: string,
    problem: (saga: EndedSaga, effects: readonly Effect[]) => string | undefined,
  ) =>
    invariant(
      name,
      ended.length,
      ended.flatMap((saga) => {
        const found = effects.get(saga.workflowId) ?? [];
        const text = problem(saga, found);
        return text === undefined ? [] : [`${saga.workflowId}: ${text}; found ${describe(found)}`];
      }),
    );
  return [
    check('sagas: nothing is held for an ended saga', (_, found) =>
      found.some((effect) => open.has(effect.state)) ? 'an ended saga holds nothing' : undefined,
    ),
    check('sagas: an ended saga left everything or nothing', (_, found) =>
      leftNothing(found) || leftEverything(found) ? undefined : 'must be all done or all undone',
    ),
    check('sagas: the answer is what the databases say', contradiction),
  ];
}

function leftNothing(effects: readonly Effect[]): boolean {
  return !effects.some((effect) => open.has(effect.state) || final.has(effect.state));
}

function leftEverything(effects: readonly Effect[]): boolean {
  const left = effects.filter((effect) => open.has(effect.state) || final.has(effect.state));
  const [order, payment, stock, shipment] = (['order', 'payment', 'inventory', 'shipping'] as const).map(
    (service) => left.find((effect) => effect.service === service),
  );
  return (
    left.length === 4 &&
    left.every((effect) => final.has(effect.state) && effect.orderId === order?.orderId) &&
    payment?.total === order?.total &&
    stock?.lines === order?.lines &&
    shipment?.lines === order?.lines
  );
}

function contradiction(saga: EndedSaga, effects: readonly Effect[]): string | undefined {
  const order = effects.find((effect) => effect.service === 'order');
  if (order !== undefined && order.orderId !== saga.orderId) return `answered for order ${saga.orderId}`;
  if (saga.ended === 'completed') return leftEverything(effects) ? undefined : 'answered that it completed';
  if (!leftNothing(effects)) return `answered that it was ${saga.ended}`;
  if (order === undefined) return undefined;
  if (saga.ended === 'cancelled') {
    return order.state === 'CANCELLED' ? undefined : 'answered that it was cancelled';
  }
  return saga.reason === undefined || order.reason === saga.reason
    ? undefined
    : `answered that it was compensated because of ${saga.reason}`;
}

function describe(effects: readonly Effect[]): string {
  if (effects.length === 0) return 'nothing';
  return effects
    .map((effect) =>
      [effect.service, effect.state, effect.reason, effect.total, effect.lines].filter(Boolean).join(' '),
    )
    .join('; ');
}
