/**
 * What a service needs to take part in sagas: the barrier on its Postgres database, and the adapters that
 * make its functions activities.
 */
export type { Action, Compensation, Operation, StepCall, Undo } from '../saga/call';
export { action, compensation } from './activity';
export { Barrier, type CompletedAction } from './barrier';
export type { AttemptOrigin } from './barrier-rows';
export { type BarrierMigration, barrierMigrations, barrierTable } from './barrier-table';
export type { Contract } from './contract';
export { openDatabase } from './database';
export type { Database, DatabaseOptions } from './database';
export { ActionBlocked, DatabaseUnavailable, KeyConflict, ParticipantError } from './errors';
export { toFailure } from './failure';
export { RecordsReader } from './records-reader';
export type { RemainingRecord, UndoneRecord } from '../saga/call';
export { Refusal } from './refusal';
export { InvalidInput } from './validation';
export type { Transaction } from './transaction';
export type { Schema } from './validation';
