import type { Check } from './quint';

/** Of a sample, at most: most sagas are over by then. */
export const STEPS = 60;

/** The invariants of spec/promise.qnt. */
export const invariants = [
  'allUndone',
  'allDone',
  'endsSettled',
  'atMostOnce',
  'nothingUndoneThatNeverHappened',
  'quietWhileUndone',
  'inOrder',
  'noStepOnceItUnwinds',
  'nothingUndoneAfterPivot',
  'noPivotWithUnknown',
  'onlyWhatFailed',
  'interruptionsDecided',
] as const;

/** The twins of spec/main.qnt, each of which leaves one rule out, and what it breaks. Every invariant is broken by one. */
export const twins: readonly (readonly [twin: string, breaks: (typeof invariants)[number]])[] = [
  ['registersAfterTheCall', 'allUndone'],
  ['unknownIsRefused', 'allUndone'],
  ['unwindsWhileInFlight', 'quietWhileUndone'],
  ['ignoresTheOrder', 'inOrder'],
  ['goesOnForward', 'noStepOnceItUnwinds'],
  ['cancelEndsTheUnwinding', 'endsSettled'],
  ['cancelEndsTheUnwinding', 'interruptionsDecided'],
  ['passesOverFailures', 'allUndone'],
  ['compensatesAfterThePivot', 'nothingUndoneAfterPivot'],
  ['cancelOvertakesThePivot', 'nothingUndoneAfterPivot'],
  ['pivotsWithUnknown', 'noPivotWithUnknown'],
  ['completesWithUnknown', 'allDone'],
  ['undoesMoreThanItsOwn', 'onlyWhatFailed'],
  ['repeatsAct', 'atMostOnce'],
  ['forgetsRefusals', 'allUndone'],
  ['noTombstone', 'allUndone'],
  ['repeatsUndo', 'atMostOnce'],
  ['repeatsUndo', 'nothingUndoneThatNeverHappened'],
  ['actsAfterUndo', 'atMostOnce'],
];

/** One check of the rules as they are, and one of each twin that ends as soon as the twin is refuted. */
export function checks(seed: number, samples: number): readonly Check[] {
  return [
    { module: 'main', seed, samples, steps: STEPS, invariants },
    ...twins.map(([module, breaks]) => ({
      module,
      seed,
      samples: 2_000,
      steps: STEPS,
      invariants: [breaks],
    })),
  ];
}
