/** The workflows of all sagas whose schedules are explored. */
export * from '../matrix/matrix-workflow';
export { makeExcursion } from './excursion-workflow';
