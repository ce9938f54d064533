import { stay, trip } from '../../examples/trip/contract';
import { fulfilment } from '../../services/order/fulfilment';
import { matrixDeadline, nestedDeadline } from './deadline';

/** What the orchestrator's workers of the matrix run: the sagas as they are, and each with a deadline. */
for (const definition of [fulfilment, trip]) Object.assign(definition, matrixDeadline);
Object.assign(stay, nestedDeadline);

export { bookStay, bookTrip } from '../../examples/trip/trip';
export { rescueSaga } from '../../src/saga';
export { fulfilOrder } from '../../workflows/fulfil-order';
