/**
 * The test kit: runs a saga against in-memory participants, and checks the guarantee, with any fault at any operation and in any
 * order of events. Temporal is simulated in the process, unless the kit is given a server. Compensations need no code: the kit
 * learns them from the calls.
 *
 * @example
 * ```ts
 * import { explore, runMatrix, SagaTestKit, sagaUnderTest } from 'unwind/testing';
 * import { trip } from './trip'; // its definition: defineSaga(…)
 * import * as steps from './trip-steps';
 *
 * const saga = sagaUnderTest({
 *   definition: trip,
 *   steps,
 *   answers: { bookHotel: ({ city }) => ({ booking: `hotel in ${city}` }), payTrip: () => ({ receipt: 'r-1' }) },
 *   input: (run) => ({ tripId: run, city: 'Lisbon' }),
 * });
 *
 * test('whatever goes wrong, a trip is booked or it is not', async () => {
 *   const kit = await SagaTestKit.start({ workflowsPath: require.resolve('./workflows'), sagas: [saga] });
 *   expect(await runMatrix(kit, saga)).toMatchObject({ violations: [], notFired: [] });
 *   expect((await explore(kit, saga, { schedules: 2_000 })).broken).toBeUndefined();
 *
 *   const run = await kit.run(saga, { faults: [{ kind: 'refused', at: 'do pay-trip' }] });
 *   expect(run.effects.map(({ op, step }) => `${op} ${step}`)).toEqual(['do book-hotel', 'undo book-hotel']);
 *   await kit.stop();
 * });
 * ```
 * @packageDocumentation
 */
export { dryRun, type DryRunStep } from './dry-run';
export { type Effect, remainingSteps } from './effect';
export { findUnexpected } from './expectation';
export {
  type BrokenSchedule,
  explore,
  type Explored,
  type ExploreOptions,
  type ExploreProgress,
  replay,
} from './explore';
export type { Fault, FaultKind, OperationName, TaskPoint } from './fault';
export { type KitOptions, type RunOptions, SagaTestKit } from './kit';
export { type MatrixOptions, type MatrixResult, runMatrix, type Violation } from './matrix';
export type { Observation } from './observation';
export type { ParticipantInterceptor, SeenOperation } from './seen-operation';
export { findBrokenPromises } from './promise';
export type { FaultRates } from './simulation/faults';
export type { TemporalLimits } from './simulation/limits';
export {
  type Answers,
  type AskedSaga,
  type SagaUnderTest,
  sagaUnderTest,
  type StepDeclarations,
} from './saga-under-test';
