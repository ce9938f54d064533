import { z } from 'zod';
import { orderId, orderLines, shipTo } from '../order/schema';

export const bookShipment = z.strictObject({ orderId, shipTo, lines: orderLines });

export const shipment = z.strictObject({ shipmentId: z.uuid(), orderId, carrier: z.string() });

export const dispatchShipment = shipment;

export const dispatchedShipment = z.strictObject({ shipmentId: z.uuid(), dispatchedAt: z.iso.datetime() });
