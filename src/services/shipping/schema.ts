import { z } from 'zod';
import { orderId, orderLine, shipTo } from '../order/schema';

export const bookShipment = z.strictObject({ orderId, shipTo, lines: z.array(orderLine).min(1) });

export const shipment = z.strictObject({ shipmentId: z.uuid(), orderId, carrier: z.string() });

export const dispatchShipment = shipment;

export const dispatchedShipment = z.strictObject({ shipmentId: z.uuid(), dispatchedAt: z.iso.datetime() });
