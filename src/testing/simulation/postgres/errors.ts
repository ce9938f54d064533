import { DatabaseError } from 'pg';

/** What the driver makes of an error of the server. */
export function pgError(sqlState: string, message: string): DatabaseError {
  const error = new DatabaseError(message, message.length, 'error');
  error.severity = ['57P01', '57P03', '25P03'].includes(sqlState) ? 'FATAL' : 'ERROR';
  error.code = sqlState;
  return error;
}

/** What the driver says of a connection that was reset, or of a port that nobody listens at. */
export function networkError(code: 'ECONNRESET' | 'ECONNREFUSED'): Error {
  const message = code === 'ECONNRESET' ? 'read ECONNRESET' : 'connect ECONNREFUSED 127.0.0.1:5432';
  return Object.assign(new Error(message), { code });
}
