/** Why the console did not do what it was asked. The codes are stable; those of the client come through as they are. */
export type ConsoleErrorCode =
  /** It listens to other machines, and has no token, or a short one. */
  | 'TOKEN_NEEDED'
  /** The caller has not logged in, or with another token. */
  | 'TOKEN_MISSING'
  /** The request comes from another site, or names another host. */
  | 'ORIGIN_REFUSED'
  /** The request is malformed, or the server refuses its filter. Nothing was changed. */
  | 'REQUEST_INVALID'
  /** There is no such batch, or nothing at this address. */
  | 'NOT_FOUND'
  /** A batch that is over, or runs, cannot do this. */
  | 'BATCH_STATE'
  /** Something failed that nothing here expects. */
  | 'CONSOLE_FAILED'
  /** Said by the page: the console does not answer. */
  | 'CONSOLE_UNREACHABLE'
  /** The package was built without the console's page. */
  | 'PAGE_NOT_BUILT';

/** Something the console refuses. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';

  constructor(
    readonly code: ConsoleErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
