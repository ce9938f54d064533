import { z } from 'zod';
import { orderId, orderLines } from '../order/schema';

export const reserveStock = z.strictObject({ orderId, lines: orderLines });

export const reservation = z.strictObject({ reservationId: z.uuid(), orderId });

export const shipStock = reservation;

export const shippedStock = z.strictObject({ reservationId: z.uuid(), shippedAt: z.iso.datetime() });
