import { stay, trip } from '../../examples/trip/contract';
import { fulfilment } from '../../services/order/fulfilment';
import { soonStuck } from './real-clock';

/** What the orchestrator's workers run where nothing skips time: the sagas as they are, which do not wait long for a worker. */
for (const definition of [fulfilment, trip, stay]) Object.assign(definition, soonStuck);

export { bookStay, bookTrip } from '../../examples/trip/trip';
export { rescueSaga } from '../../src/saga';
export { fulfilOrder } from '../../workflows/fulfil-order';
