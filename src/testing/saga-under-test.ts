import { ApplicationFailure } from '@temporalio/common';
import type { SagaClient } from '../client';
import type { AnyStep, NestedSaga, SagaDefinition, Step, StepKind } from '../saga';
import type { OperationName } from './fault';
import type { SeenOperation } from './seen-operation';

/** Steps by any name; `import * as steps from './my-steps'` will do. What is no step is left out. */
export type StepDeclarations = Readonly<Record<string, unknown>>;

/**
 * For each declared step, by the name under which it was exported: the business answer of its action. A step that is a
 * saga really runs, so it needs none.
 */
export type Answers<Steps extends StepDeclarations> = {
  readonly [
    Name in keyof Steps as Steps[Name] extends AnyStep
      ? Steps[Name] extends { readonly nested: NestedSaga }
        ? never
        : Name
      : never
  ]: Steps[Name] extends Step<StepKind, infer Input, infer Output> ? (input: Input) => Output : never;
};

/** A saga that runs or is over, and what its clients may do with it. */
export interface AskedSaga {
  readonly sagaId: string;
  readonly client: SagaClient;
  /** What its participants have seen so far. */
  readonly operations: ReadonlyMap<OperationName, SeenOperation>;
  /** Waits on the clock of the saga's server, or of its simulation: where a real timer waits, all else would go on. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Asks again and again until it holds. @returns whether it did in time. */
  readonly until: (holds: () => Promise<boolean>) => Promise<boolean>;
}

/** A saga, and what in-memory participants need to play their parts in it. */
export interface SagaUnderTest {
  readonly definition: SagaDefinition<unknown, unknown>;
  readonly steps: readonly AnyStep[];
  /** By step name. */
  readonly answers: ReadonlyMap<string, (input: unknown) => unknown>;
  readonly input: (run: string) => unknown;
  readonly meanwhile?: (saga: AskedSaga) => Promise<void>;
}

/**
 * Describes a saga to the kit.
 * @param saga.steps the steps that it may run, as its module exports them, and those of sagas that are steps of it.
 * @param saga.answers a fake business answer for each step; it may depend on nothing but its input.
 * @param saga.meanwhile what its clients do in each run as soon as it has begun, such as a signal that it waits for. It must bear that
 *   the saga ends before.
 * @param saga.input the input of a run, from a text that is unique to it. Its `definition.idOf` must be unique too.
 */
export function sagaUnderTest<Input, Result, Steps extends StepDeclarations>(saga: {
  readonly definition: SagaDefinition<Input, Result>;
  readonly steps: Steps;
  readonly answers: Answers<Steps>;
  readonly input: (run: string) => NoInfer<Input>;
  readonly meanwhile?: (saga: AskedSaga) => Promise<void>;
}): SagaUnderTest {
  const declared = Object.entries(saga.steps).filter((one): one is [string, AnyStep] =>
    isDeclaredStep(one[1]),
  );
  const answers = saga.answers as Readonly<Record<string, (input: unknown) => unknown>>;
  return {
    definition: saga.definition as SagaDefinition<unknown, unknown>,
    steps: declared.map(([, step]) => step),
    answers: new Map(
      declared.map(([name, step]) => {
        const answer = answers[name];
        if (!answer) throw new Error(`answers has none for ${name}`);
        return [step.name, answer];
      }),
    ),
    input: saga.input,
    ...(saga.meanwhile && { meanwhile: saga.meanwhile }),
  };
}

function isDeclaredStep(value: unknown): value is AnyStep {
  return (
    typeof value === 'object' &&
    value !== null &&
    'participant' in value &&
    'action' in value &&
    !('nested' in value)
  );
}

/** The n-th run of a step in one saga is called `name#n`; one in a saga that is the step `outer`, `outer.name`. */
export function declaredName(step: string): string {
  return step.replace(/#\d+$/, '').replace(/^.*\./, '');
}

/** The business answer of a step. @throws ApplicationFailure, not retryable, if there is none. */
export function answerOf(saga: SagaUnderTest, step: string): (input: unknown) => unknown {
  const answer = saga.answers.get(declaredName(step));
  if (!answer) throw ApplicationFailure.nonRetryable(`no answer is given for ${step}`, 'UNDECLARED_STEP');
  return answer;
}
