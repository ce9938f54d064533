/** The longest message of a failure: all of a saga's must fit into what it closes with. */
const MAX_MESSAGE = 2_000;
/** The longest code: it becomes a search attribute, which a database cuts off at 255. */
const MAX_CODE = 100;

/**
 * A text that every part of the way can carry: half a surrogate pair is no UTF-8, and a worker that sends one dies of it.
 * @param max in UTF-16 units; what is longer is cut.
 */
export function plainText(text: string, max = MAX_MESSAGE): string {
  return wellFormed(text.length > max ? `${text.slice(0, max - 1)}…` : text);
}

/**
 * Whether a text holds no half of a surrogate pair without the other: only then is it UTF-8. Not by the method of the same name:
 * whoever compiles these sources with an older library than that of ES2024, as the guide does, has none.
 */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

/** A text with every half of a surrogate pair that lacks the other replaced. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

/** A code that visibility can keep: printable ASCII, and not too long. */
export function plainCode(code: string): string {
  return code.slice(0, MAX_CODE).replace(/[^\x20-\x7e]/g, '?');
}

/** The longest stack: what is longer than 4 MiB altogether cannot be reported at all. */
const MAX_STACK = 20_000;

/** Makes what was thrown fit to be reported, with its causes, and returns it. */
export function reportable(thrown: unknown): unknown {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (!isReportable(error))
      Object.assign(error, {
        message: plainText(error.message),
        stack: plainText(error.stack ?? '', MAX_STACK),
      });
  }
  return thrown;
}

function isReportable({ message, stack = '' }: Error): boolean {
  return message === plainText(message) && stack === plainText(stack, MAX_STACK);
}
