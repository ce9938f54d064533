import { plainText } from '../saga/core/plain-text';

/**
 * The participant said no, and nothing happened. The barrier rolls the business change back and keeps
 * the refusal, so a late duplicate of the same call is refused as well (B2).
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /**
   * @param code stable UPPER_SNAKE code, one of those the step declares as its refusals.
   * @param message what was asked, and why not; it reaches the history, so ids only, no personal data.
   *   At most 2,000 characters are kept.
   */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(plainText(message).replaceAll('\0', '\ufffd'));
  }
}
