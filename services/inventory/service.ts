import type { CompletedAction, StepCall, Transaction } from '../../src/participant';
import { ShopError, ShopRefusal } from '../errors';
import type { Reservation, ReserveStock, ShippedStock, ShipStock } from './contract';
import { insertReservation, lockReservation, lockStock, moveReservation } from './store';
import type { ReservationState } from './store';

/**
 * On hand → reserved, for all lines or none.
 * @throws Refusal OUT_OF_STOCK naming every product that is short.
 */
export async function reserveStock(
  tx: Transaction,
  { orderId, lines }: ReserveStock,
  call: StepCall,
): Promise<Reservation> {
  const onHand = await lockStock(
    tx,
    lines.map((line) => line.sku),
  );
  const short = lines.filter((line) => (onHand.get(line.sku) ?? 0) < line.quantity).map((line) => line.sku);
  if (short.length > 0) {
    throw new ShopRefusal(
      'OUT_OF_STOCK',
      `Order ${orderId} needs more than is on hand of ${short.join(', ')}`,
    );
  }
  return { reservationId: await insertReservation(tx, orderId, call.sagaId, lines), orderId };
}

/**
 * Reserved → on hand. Reversing a completed order: shipped → on hand, as the goods come back.
 * @throws ShopError FORBIDDEN_TRANSITION when the stock was given back before.
 */
export async function releaseStock(
  tx: Transaction,
  { output: { reservationId } }: CompletedAction<ReserveStock, Reservation>,
): Promise<void> {
  const state = await lockState(tx, reservationId, ['RESERVED', 'SHIPPED']);
  await moveReservation(tx, reservationId, state === 'SHIPPED' ? 'RETURNED' : 'RELEASED');
}

/**
 * Reserved → shipped.
 * @throws ShopError FORBIDDEN_TRANSITION when the stock is not reserved.
 */
export async function shipStock(tx: Transaction, { reservationId }: ShipStock): Promise<ShippedStock> {
  await lockState(tx, reservationId, ['RESERVED']);
  const shippedAt = await moveReservation(tx, reservationId, 'SHIPPED');
  return { reservationId, shippedAt: shippedAt.toISOString() };
}

/** Locks the reservation and its stock, and returns its state if that is an allowed one. */
async function lockState(
  tx: Transaction,
  reservationId: string,
  allowed: readonly ReservationState[],
): Promise<ReservationState> {
  const found = await lockReservation(tx, reservationId);
  if (found === undefined || !allowed.includes(found.state)) {
    throw new ShopError(
      'FORBIDDEN_TRANSITION',
      `Reservation ${reservationId} must be ${allowed.join(' or ')}, but is ${found?.state ?? 'unknown'}`,
    );
  }
  await lockStock(tx, found.skus);
  return found.state;
}
