/** What the orchestrator's worker can run: every exported function here is a workflow type. */
export { rescueSaga } from '../src/saga';
export { fulfilOrder } from './fulfil-order';
