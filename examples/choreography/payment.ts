import { authorisePayment, capturePayment, voidPayment } from '../../services/payment/service';
import type { Reactions } from './events';
import { publish } from './outbox';
import type { Participant } from './participant';

export function paymentReactions(payment: Participant): Reactions {
  const refused = (orderId: string) => (reason: string) =>
    ({ type: 'PaymentRefused', orderId, data: { reason } }) as const;
  /**
   * Capture and cancel are one step with one key: whichever comes first decides, and the other one gets its answer. So
   * the input is what both of them know.
   */
  const decide = (orderId: string) => ({ orderId, name: 'capture-payment', refused: refused(orderId) });

  return {
    async OrderOpened({ orderId, data: { order, total } }) {
      const { customerId, card } = order;
      const step = { orderId, name: 'authorise-payment', refused: refused(orderId) };
      await payment.act(step, { orderId, customerId, card, total }, async (tx, input, call) => {
        const authorisation = await authorisePayment(tx, input, call);
        await publish(tx, { type: 'PaymentAuthorised', orderId, data: { authorisation } });
        return authorisation;
      });
    },

    async ShipmentBooked({ orderId, data: { authorisation, shipment, reservation } }) {
      await payment.act(decide(orderId), { orderId }, async (tx) => {
        const { captureId } = await capturePayment(tx, authorisation);
        await publish(tx, { type: 'PaymentCaptured', orderId, data: { shipment, reservation } });
        return { captureId };
      });
    },

    async CancelRequested({ orderId }) {
      const decided = await payment.act<object, { captureId?: string }>(
        decide(orderId),
        { orderId },
        async (tx) => {
          await publish(tx, { type: 'CancelAccepted', orderId, data: { reason: 'CANCELLED' } });
          return {};
        },
      );
      if (decided?.captureId) await payment.publish({ type: 'CancelTooLate', orderId, data: {} });
    },

    async OrderClosed({ orderId, data: { order, total, reason } }) {
      const { customerId, card } = order;
      const step = { orderId, name: 'authorise-payment' };
      await payment.undo(step, reason, { orderId, customerId, card, total }, voidPayment);
      await payment.publish({ type: 'PaymentVoided', orderId, data: {} });
    },
  };
}
