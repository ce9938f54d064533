import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UpdateDefinition } from '@temporalio/common';
import fc from 'fast-check';
import { type SagaClient, SagaClientError } from '../../src/client';
import { findError } from '../../cli/error-catalogue/catalogue';
import { abandonSaga, type DeskAct, resolveStep, retryStep, type SagaReport, skipStep } from '../../src/saga';
import { strangeText, strangeValue } from '../support/strange';
import { until } from '../support/until';
import { type BulkySystem, startBulkySystem } from './bulky-system';
import { type BulkyActivities, bulkySaga } from './bulky-workflow';

let system: BulkySystem;
let client: SagaClient;
const sagaId = 'stuck';

const activities: BulkyActivities = {
  act: ({ answers }) => Promise.resolve('y'.repeat(answers)),
  takeBack: () => Promise.resolve(),
};

beforeAll(async () => {
  system = await startBulkySystem(activities);
  ({ client } = system);
  // Its compensation cannot be sent, so each retry leaves it as stuck as before.
  const steps = [{ name: 'a', bytes: 900_000, answers: 1_500_000 }];
  await client.start(bulkySaga, { id: sagaId, steps, fails: { code: 'NO', message: 'no' } });
  await until('the saga to be stuck', async () => (await client.outcome(sagaId)).kind === 'stuck');
});

afterAll(async () => await system.stop());

const signature = { step: 'a', actor: 'grace', reason: 'the bank is back', ticket: 'OPS-7' };

type Verb = UpdateDefinition<DeskAct, [never]>;

/** Decides, and says how it was refused, if it was. */
async function refusalOf(verb: unknown, decision: unknown): Promise<SagaClientError | undefined> {
  return await client.update(sagaId, verb as Verb, decision as never).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof SagaClientError) return error;
      throw error;
    },
  );
}

const roundsOf = ({ steps }: SagaReport) => steps[0]?.stuck?.rounds ?? 0;

describe('the desk', () => {
  test('keeps who decides and why as they are, or refuses them', async () => {
    const text = fc.oneof(strangeText, fc.constantFrom('x'.repeat(200), 'x'.repeat(201), 'x'.repeat(2_001)));
    const isText = (value: string, max: number) => value.trim() !== '' && value.length <= max;
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(text, text, fc.option(text, { nil: undefined }), async (actor, reason, ticket) => {
        const before = await client.report(sagaId);
        const decision = { step: 'a', actor, reason, ...(ticket !== undefined && { ticket }) };
        const refusal = await refusalOf(retryStep, decision);
        const fits =
          isText(actor, 200) && isText(reason, 2_000) && (ticket === undefined || isText(ticket, 200));
        if (fits) {
          expect(refusal).toBeUndefined();
          kept += 1;
          await until('another round', async () => roundsOf(await client.report(sagaId)) > roundsOf(before));
          expect((await client.report(sagaId)).desk?.at(-1)).toMatchObject(decision);
        } else {
          expect(refusal).toMatchObject({
            code: 'UPDATE_REFUSED',
            message: expect.stringContaining('DESK_INVALID'),
          });
          expect(await client.report(sagaId)).toEqual(before);
        }
      }),
      { numRuns: 60 },
    );
    expect(kept).toBeGreaterThan(5);
  });

  test('refuses what is no decision, whatever the verb, and nothing changes', async () => {
    const verbs = fc.constantFrom<unknown>(retryStep, resolveStep, skipStep, abandonSaga);
    const without = fc
      .constantFrom('actor', 'reason')
      .chain((field) =>
        fc
          .oneof(fc.constant(undefined), fc.constantFrom<unknown>(null, 7, {}, [], true, '', ' '))
          .map((value) => ({ ...signature, [field]: value })),
      );
    const elsewhere = strangeValue
      .filter((step) => step !== 'a')
      .map((step) => ({ ...signature, step, actor: 'grace' }));
    const before = await client.report(sagaId);
    await fc.assert(
      fc.asyncProperty(verbs, fc.oneof(without, elsewhere, strangeValue), async (verb, decision) => {
        const refusal = await refusalOf(verb, decision);
        expect(refusal?.code).toBe('UPDATE_REFUSED');
        const code = /^[A-Z_]+/.exec(refusal?.message ?? '')?.[0] ?? '';
        expect({ code, known: findError(code) !== undefined }).toEqual({ code, known: true });
      }),
      { numRuns: 120, examples: [[retryStep, { ...signature, step: { toString: -1 } }]] },
    );
    expect(await client.report(sagaId)).toEqual(before);
    expect(system.worker.getState()).toBe('RUNNING');
  });
});
