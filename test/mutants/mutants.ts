import { clientMutants } from './client-mutants';
import { engineMutants } from './engine-mutants';
import type { Mutant } from './mutant';
import { participantMutants } from './participant-mutants';

export const mutants: readonly Mutant[] = [...engineMutants, ...participantMutants, ...clientMutants];
