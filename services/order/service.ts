import type { CompletedAction, StepCall, Transaction } from '../../src/participant';
import { ShopError, ShopRefusal } from '../errors';
import type { ConfirmedOrder, ConfirmOrder, OpenedOrder, OrderRequest } from './contract';
import { findProducts, insertLines, insertOrder, moveOrder } from './store';

/**
 * Prices the order and stores it as PENDING.
 * @throws Refusal UNKNOWN_PRODUCT, MIXED_CURRENCIES, ORDER_EXISTS.
 */
export async function openOrder(tx: Transaction, order: OrderRequest, call: StepCall): Promise<OpenedOrder> {
  const lines = await priceLines(tx, order);
  const currency = currencyOf(lines);
  const total = lines.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0);
  if (!(await insertOrder(tx, { ...order, sagaId: call.sagaId, total, currency }))) {
    throw new ShopRefusal('ORDER_EXISTS', `An order id is used once, and ${order.orderId} was used before`);
  }
  await insertLines(tx, order.orderId, lines);
  return {
    orderId: order.orderId,
    total: { amount: total, currency },
    lines: lines.map(({ sku, quantity, unitPrice }) => ({
      sku,
      quantity,
      unitPrice: { amount: unitPrice, currency },
    })),
  };
}

/**
 * Ends the order: a customer's cancel as CANCELLED, anything else as REJECTED with the reason. A confirmed
 * order that is reversed becomes CANCELLED, with the reason kept.
 * @throws ShopError FORBIDDEN_TRANSITION when it ended before.
 */
export async function closeOrder(
  tx: Transaction,
  done: CompletedAction<OrderRequest, OpenedOrder>,
  call: StepCall,
): Promise<void> {
  const { orderId } = done.output;
  const reason = call.reason ?? 'UNKNOWN';
  const move = { orderId, reason };
  const to = reason === 'CANCELLED' ? 'CANCELLED' : 'REJECTED';
  const closed =
    (await moveOrder(tx, { ...move, from: ['PENDING'], to })) ??
    (await moveOrder(tx, { ...move, from: ['CONFIRMED'], to: 'CANCELLED' }));
  if (closed === undefined) {
    throw forbidden(orderId, 'only a PENDING or CONFIRMED order can be closed');
  }
}

/**
 * PENDING → CONFIRMED.
 * @throws ShopError FORBIDDEN_TRANSITION when the order is not pending.
 */
export async function confirmOrder(tx: Transaction, { orderId }: ConfirmOrder): Promise<ConfirmedOrder> {
  const at = await moveOrder(tx, { orderId, from: ['PENDING'], to: 'CONFIRMED' });
  if (at === undefined) throw forbidden(orderId, 'only a PENDING order can be confirmed');
  return { orderId, confirmedAt: at.toISOString() };
}

async function priceLines(tx: Transaction, order: OrderRequest) {
  const products = await findProducts(
    tx,
    order.lines.map((line) => line.sku),
  );
  const bySku = new Map(products.map((product) => [product.sku, product]));
  return order.lines.map((line) => {
    const product = bySku.get(line.sku);
    if (product === undefined) {
      throw new ShopRefusal(
        'UNKNOWN_PRODUCT',
        `Every product must be in the catalogue, and ${line.sku} is not`,
      );
    }
    return { ...line, unitPrice: product.unitPrice, currency: product.currency };
  });
}

function currencyOf(lines: readonly { readonly currency: string }[]): string {
  const currencies = [...new Set(lines.map((line) => line.currency))];
  const [currency] = currencies;
  if (currency === undefined || currencies.length > 1) {
    throw new ShopRefusal(
      'MIXED_CURRENCIES',
      `An order has one currency, this one has ${currencies.join(', ')}`,
    );
  }
  return currency;
}

function forbidden(orderId: string, rule: string): ShopError {
  return new ShopError('FORBIDDEN_TRANSITION', `Order ${orderId}: ${rule}`);
}
