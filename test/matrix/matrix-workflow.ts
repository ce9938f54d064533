import { fulfilment } from '../../src/services/order/fulfilment';
import { matrixDeadline } from './deadline';

/** What the orchestrator's workers of the matrix run: the sagas as they are, and each with a deadline. */
Object.assign(fulfilment, matrixDeadline);

export { fulfilOrder } from '../../workflows/fulfil-order';
