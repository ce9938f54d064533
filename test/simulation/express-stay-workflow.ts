import { stay } from '../../examples/trip/contract';

/** As the sagas of the matrix, with the nested one in express placement. */
Object.assign(stay, { placement: 'express' });

export * from '../matrix/matrix-workflow';
