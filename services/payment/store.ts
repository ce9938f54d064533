import type { Transaction } from '../../src/participant';
import type { Money } from '../money';
import type { AuthorisePayment } from './contract';

export interface Card {
  readonly customerId: string;
  readonly status: 'ok' | 'blocked' | 'expired';
  /** Minor units that its customer has available in the currency asked for. */
  readonly available: number;
}

export type AuthorisationState = 'HELD' | 'VOIDED' | 'CAPTURED' | 'REFUNDED';

export interface StoredAuthorisation {
  readonly authorisationId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: number;
  readonly currency: string;
  readonly state: AuthorisationState;
  readonly expired: boolean;
}

/** The card and its customer's funds, locked until the transaction ends so that no other hold takes them. */
export async function lockCard(tx: Transaction, card: string, currency: string): Promise<Card | undefined> {
  const [found] = await tx.query<Card>(
    `SELECT cards.customer_id AS "customerId", cards.status, accounts.balance AS available
     FROM cards JOIN accounts ON accounts.customer_id = cards.customer_id AND accounts.kind = 'available'
     WHERE cards.card = $1 AND accounts.currency = $2 FOR UPDATE OF accounts`,
    [card, currency],
  );
  return found;
}

/** Stores a new authorisation as HELD and returns its id. */
export async function insertAuthorisation(
  tx: Transaction,
  payment: AuthorisePayment,
  sagaId: string,
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `INSERT INTO authorisations (order_id, saga_id, customer_id, card, amount, currency)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING authorisation_id AS id`,
    [payment.orderId, sagaId, payment.customerId, payment.card, payment.total.amount, payment.total.currency],
  );
  if (row === undefined) throw new Error('An INSERT with RETURNING answers one row, got none');
  return row.id;
}

const lockBy = (column: 'authorisation_id' | 'capture_id') =>
  `SELECT authorisation_id AS "authorisationId", order_id AS "orderId", customer_id AS "customerId",
          amount, currency, state, expires_at <= now() AS expired
   FROM authorisations WHERE ${column} = $1 FOR UPDATE`;

/** The authorisation, locked until the transaction ends. */
export async function lockAuthorisation(
  tx: Transaction,
  authorisationId: string,
): Promise<StoredAuthorisation | undefined> {
  const [found] = await tx.query<StoredAuthorisation>(lockBy('authorisation_id'), [authorisationId]);
  return found;
}

/** The authorisation that was captured under this id, locked until the transaction ends. */
export async function lockCapture(
  tx: Transaction,
  captureId: string,
): Promise<StoredAuthorisation | undefined> {
  const [found] = await tx.query<StoredAuthorisation>(lockBy('capture_id'), [captureId]);
  return found;
}

/** Sets the state of a locked authorisation; `captureId` stays when none is given. */
export async function setState(
  tx: Transaction,
  authorisationId: string,
  state: AuthorisationState,
  captureId?: string,
): Promise<void> {
  await tx.query(
    `UPDATE authorisations SET state = $2, capture_id = coalesce($3, capture_id) WHERE authorisation_id = $1`,
    [authorisationId, state, captureId],
  );
}

/** What was authorised, as money. */
export function totalOf(authorisation: StoredAuthorisation): Money {
  return { amount: authorisation.amount, currency: authorisation.currency };
}
