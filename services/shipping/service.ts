import type { CompletedAction, StepCall, Transaction } from '../../src/participant';
import { ShopError, ShopRefusal } from '../errors';
import type { BookShipment, DispatchedShipment, DispatchShipment, Shipment } from './contract';
import { insertShipment, moveShipment } from './store';

/**
 * Books the cheapest carrier that serves the country.
 * @throws Refusal UNDELIVERABLE.
 */
export async function bookShipment(tx: Transaction, input: BookShipment, call: StepCall): Promise<Shipment> {
  const booked = await insertShipment(tx, input, call.sagaId);
  if (booked === undefined) {
    throw new ShopRefusal(
      'UNDELIVERABLE',
      `A carrier must serve the country, and none serves ${input.shipTo.country}`,
    );
  }
  return { ...booked, orderId: input.orderId };
}

/**
 * BOOKED → CANCELLED. Reversing a completed order: DISPATCHED → RETURNED, as the carrier brings it back.
 * @throws ShopError FORBIDDEN_TRANSITION when it was cancelled before.
 */
export async function cancelShipment(
  tx: Transaction,
  { output: { shipmentId } }: CompletedAction<BookShipment, Shipment>,
): Promise<void> {
  const ended =
    (await moveShipment(tx, shipmentId, 'BOOKED', 'CANCELLED')) ??
    (await moveShipment(tx, shipmentId, 'DISPATCHED', 'RETURNED'));
  if (ended === undefined) throw forbidden(shipmentId, 'BOOKED or DISPATCHED to be cancelled');
}

/**
 * BOOKED → DISPATCHED.
 * @throws ShopError FORBIDDEN_TRANSITION when it is not booked.
 */
export async function dispatchShipment(
  tx: Transaction,
  { shipmentId }: DispatchShipment,
): Promise<DispatchedShipment> {
  const at = await moveShipment(tx, shipmentId, 'BOOKED', 'DISPATCHED');
  if (at === undefined) throw forbidden(shipmentId, 'BOOKED to be dispatched');
  return { shipmentId, dispatchedAt: at.toISOString() };
}

function forbidden(shipmentId: string, rule: string): ShopError {
  return new ShopError('FORBIDDEN_TRANSITION', `Shipment ${shipmentId} must be ${rule}`);
}
