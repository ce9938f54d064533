import type { Database } from '../src/participant';
import { action, compensation } from '../src/participant';
import type { PaymentActivities } from '../services/payment/contract';
import * as schema from '../services/payment/schema';
import { authorisePayment, capturePayment, refundPayment, voidPayment } from '../services/payment/service';

const authorising = { input: schema.authorisePayment, output: schema.authorisation };
const capturing = { input: schema.capturePayment, output: schema.capture };

/** The Temporal side of the payment service. */
export function paymentActivities(database: Database): PaymentActivities {
  return {
    authorisePayment: action(database, authorising, authorisePayment),
    voidPayment: compensation(database, authorising, voidPayment),
    capturePayment: action(database, capturing, capturePayment),
    refundPayment: compensation(database, capturing, refundPayment),
  };
}
