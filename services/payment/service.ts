import { randomUUID } from 'node:crypto';
import type { CompletedAction, StepCall, Transaction } from '../../src/participant';
import { ShopError, ShopRefusal } from '../errors';
import type { Authorisation, AuthorisePayment, Capture, CapturePayment } from './contract';
import { post } from './ledger';
import type { AuthorisationState, StoredAuthorisation } from './store';
import { insertAuthorisation, lockAuthorisation, lockCapture, lockCard, setState, totalOf } from './store';

/**
 * Holds the total: moves it from the customer's available money to the held.
 * @throws Refusal CARD_DECLINED, INSUFFICIENT_FUNDS.
 */
export async function authorisePayment(
  tx: Transaction,
  payment: AuthorisePayment,
  call: StepCall,
): Promise<Authorisation> {
  const { orderId, customerId, total } = payment;
  const card = await lockCard(tx, payment.card, total.currency);
  if (card?.customerId !== customerId || card.status !== 'ok') {
    // One answer for unknown, blocked, expired and someone else's: which it is, is not the shop's business.
    throw new ShopRefusal('CARD_DECLINED', `Card ${payment.card} cannot be charged for ${customerId}`);
  }
  if (card.available < total.amount) {
    throw new ShopRefusal('INSUFFICIENT_FUNDS', `${customerId} cannot pay the total of order ${orderId}`);
  }
  const authorisationId = await insertAuthorisation(tx, payment, call.sagaId);
  await post(tx, { kind: 'hold', orderId, customerId, total });
  return { authorisationId, orderId, total };
}

/**
 * Gives the hold back. There is none any more when the charge was refunded: then nothing is left to do.
 * @throws ShopError FORBIDDEN_TRANSITION when it is charged, or was given back before.
 */
export async function voidPayment(
  tx: Transaction,
  { output: { authorisationId } }: CompletedAction<AuthorisePayment, Authorisation>,
): Promise<void> {
  const held = await lockAuthorisation(tx, authorisationId);
  if (held?.state === 'REFUNDED') return;
  requireState(authorisationId, held, 'HELD');
  await setState(tx, authorisationId, 'VOIDED');
  await post(tx, { ...held, kind: 'void', total: totalOf(held) });
}

/**
 * Turns the hold into a charge.
 * @throws Refusal AUTHORISATION_EXPIRED.
 * @throws ShopError AMOUNT_MISMATCH when order, amount or currency are not what was authorised;
 * FORBIDDEN_TRANSITION when nothing is held.
 */
export async function capturePayment(tx: Transaction, asked: CapturePayment): Promise<Capture> {
  const { authorisationId, orderId, total } = asked;
  const held = await lockAuthorisation(tx, authorisationId);
  requireState(authorisationId, held, 'HELD');
  if (held.orderId !== orderId || held.amount !== total.amount || held.currency !== total.currency) {
    throw new ShopError(
      'AMOUNT_MISMATCH',
      `Authorisation ${authorisationId} is for ${held.amount} ${held.currency} of order ${held.orderId}, ` +
        `and cannot pay ${total.amount} ${total.currency} of order ${orderId}`,
    );
  }
  if (held.expired) {
    throw new ShopRefusal(
      'AUTHORISATION_EXPIRED',
      `Authorisation ${authorisationId} must be captured in time`,
    );
  }
  const captureId = randomUUID();
  await setState(tx, authorisationId, 'CAPTURED', captureId);
  await post(tx, { ...held, kind: 'capture', total });
  return { captureId, orderId, total };
}

/**
 * Gives the charge back to the customer.
 * @throws ShopError FORBIDDEN_TRANSITION when it is not charged, or was given back before.
 */
export async function refundPayment(
  tx: Transaction,
  { output: { captureId } }: CompletedAction<CapturePayment, Capture>,
): Promise<void> {
  const charged = await lockCapture(tx, captureId);
  requireState(`of capture ${captureId}`, charged, 'CAPTURED');
  await setState(tx, charged.authorisationId, 'REFUNDED');
  await post(tx, { ...charged, kind: 'refund', total: totalOf(charged) });
}

function requireState(
  authorisationId: string,
  found: StoredAuthorisation | undefined,
  state: AuthorisationState,
): asserts found is StoredAuthorisation {
  if (found?.state === state) return;
  throw new ShopError(
    'FORBIDDEN_TRANSITION',
    `Authorisation ${authorisationId} must be ${state}, but is ${found?.state ?? 'unknown'}`,
  );
}
