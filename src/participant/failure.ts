import { ApplicationFailure } from '@temporalio/common';
import { DatabaseError } from 'pg';
import { plainText, reportable } from '../saga/core/plain-text';
import type { ParticipantErrorCode } from './error-codes';
import { DatabaseUnavailable, ParticipantError } from './errors';
import { Refusal } from './refusal';

/**
 * The failure an activity reports for an error:
 *
 * | error | type | retried |
 * |---|---|---|
 * | Refusal | its code, category BENIGN | no |
 * | ParticipantError (ACTION_BLOCKED, KEY_CONFLICT, INVALID_INPUT, a service's own) | its code | no |
 * | Postgres: bad data, broken constraint, too large for it (SQLSTATE 22, 23, 54) | DATABASE_ERROR | no: the same data breaks it again |
 * | Postgres: anything else (read-only or shutting down, deadlock, out of resources: 25006, 57P0x, 08, 40, 53) | DATABASE_ERROR | yes |
 * | no answer from Postgres | DATABASE_UNAVAILABLE | yes |
 * | other | unchanged, apart from what no failure can carry | yes |
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof Refusal) {
    return ApplicationFailure.create({
      type: error.code,
      message: plainText(error.message),
      nonRetryable: true,
      category: 'BENIGN',
    });
  }
  if (error instanceof ParticipantError) {
    return ApplicationFailure.create({
      type: error.code,
      message: plainText(error.message),
      nonRetryable: true,
    });
  }
  if (error instanceof DatabaseError) return databaseFailure(error);
  // Without its cause: whoever reads the history learns no more than the message.
  if (error instanceof DatabaseUnavailable) {
    return ApplicationFailure.create({ type: error.code, message: plainText(error.message) });
  }
  return reportable(error);
}

/** Leaves out `detail` and the messages of data exceptions: they quote row values, and a history is plain text. */
function databaseFailure(error: DatabaseError): ApplicationFailure {
  const sqlState = error.code ?? 'XX000';
  const isDataException = sqlState.startsWith('22');
  const message = isDataException ? 'a value has a form that the database does not accept' : error.message;
  return ApplicationFailure.create({
    type: 'DATABASE_ERROR' satisfies ParticipantErrorCode,
    message: `Postgres ${sqlState}: ${message}`,
    nonRetryable: ['22', '23', '54'].includes(sqlState.slice(0, 2)),
    details: [{ sqlState, table: error.table, constraint: error.constraint }],
  });
}
