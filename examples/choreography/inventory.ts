import { releaseStock, reserveStock, shipStock } from '../../services/inventory/service';
import type { Reactions } from './events';
import { publish } from './outbox';
import type { Participant } from './participant';

export function inventoryReactions(inventory: Participant): Reactions {
  return {
    async OrderOpened({ orderId, data: { order } }) {
      const refused = (reason: string) => ({ type: 'StockRefused', orderId, data: { reason } }) as const;
      const step = { orderId, name: 'reserve-stock', refused };
      await inventory.act(step, { orderId, lines: order.lines }, async (tx, input, call) => {
        const reservation = await reserveStock(tx, input, call);
        await publish(tx, { type: 'StockReserved', orderId, data: { reservation } });
        return reservation;
      });
    },

    async PaymentCaptured({ orderId, data: { reservation } }) {
      await inventory.act({ orderId, name: 'ship-stock' }, reservation, async (tx, input) => {
        const shipped = await shipStock(tx, input);
        await publish(tx, { type: 'StockShipped', orderId, data: {} });
        return shipped;
      });
    },

    async OrderClosed({ orderId, data: { order, reason } }) {
      const step = { orderId, name: 'reserve-stock' };
      await inventory.undo(step, reason, { orderId, lines: order.lines }, releaseStock);
      await inventory.publish({ type: 'StockReleased', orderId, data: {} });
    },
  };
}
