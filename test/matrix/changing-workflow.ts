import { setHandler } from '@temporalio/workflow';
import { SagaBody } from '../../src/saga/saga';
import { awaitedLater, ScopeBody } from '../../src/saga/saga';
import { changedSteps } from './changed-steps';

export { bookStay, bookTrip, fulfilOrder, rescueSaga } from './matrix-workflow';

const changed = new Set<string>();

/** Every body changes what it has given to a step as soon as it has, and what it was answered before it reads it. */
for (const [prototype, method] of [
  [ScopeBody.prototype, 'run'],
  [SagaBody.prototype, 'pivot'],
] as const) {
  const steps = prototype as unknown as Record<string, Call>;
  const call = steps[method] as Call;
  steps[method] = function (step, input) {
    setHandler(changedSteps, () => [...changed]);
    const answered = call.call(this, step, input);
    change(input);
    changed.add(step.name);
    const changing = answered.then((answer) => {
      change(method === 'pivot' ? (answer as { output: unknown }).output : answer);
      return answer;
    });
    return awaitedLater(changing);
  };
}

type Call = (this: unknown, step: { readonly name: string }, input: unknown) => Promise<unknown>;

/** Adds to every object in a value, so that the body can go on with it. */
function change(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) change(part);
  if (!Array.isArray(value)) Object.assign(value, { changed: 'after the call' });
}
