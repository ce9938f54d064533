import { clientMutants } from './client-mutants';
import { engineMutants } from './engine-mutants';
import { expressMutants } from './express-mutants';
import type { Mutant } from './mutant';
import { participantMutants } from './participant-mutants';
import { resetMutants } from './reset-mutants';

export const mutants: readonly Mutant[] = [
  ...engineMutants,
  ...resetMutants,
  ...expressMutants,
  ...participantMutants,
  ...clientMutants,
];
