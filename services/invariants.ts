import { Client } from 'pg';
import type { Auditor } from './effects';
import type { EndedSaga } from './ended-sagas';
import { checkEndedSagas } from './ended-sagas';
import type { InvariantReport } from './invariant';
import { checkLedger } from './ledger-invariants';
import type { ServiceName, ServiceUrls } from './names';
import { serviceNames } from './names';
import { checkStock } from './stock-invariants';

export type { EndedSaga } from './ended-sagas';
export type { InvariantReport } from './invariant';

/**
 * Reads all four databases, as an auditor does and no service may, and checks what must hold at any moment
 * at which no saga is moving: that money and stock are conserved, and that each ended saga left everything
 * or nothing, as it said. Changes nothing.
 *
 * @param ended the sagas to hold against the databases; sagas that are not over must not be among them.
 */
export async function checkInvariants(
  urls: ServiceUrls,
  ended: readonly EndedSaga[],
): Promise<InvariantReport> {
  const connection = (service: ServiceName) =>
    new Client({ connectionString: urls[service], application_name: 'unwind-invariants' });
  const auditor: Auditor = {
    order: connection('order'),
    payment: connection('payment'),
    inventory: connection('inventory'),
    shipping: connection('shipping'),
  };
  try {
    await Promise.all(serviceNames.map((service) => auditor[service].connect()));
    // One after the other: a connection takes one query at a time.
    const ledger = await checkLedger(auditor.payment);
    const stock = await checkStock(auditor.inventory);
    return [...ledger, ...stock, ...(await checkEndedSagas(auditor, ended))];
  } finally {
    await Promise.all(serviceNames.map((service) => auditor[service].end()));
  }
}
