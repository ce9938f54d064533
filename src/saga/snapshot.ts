/**
 * A copy of a value as it is sent: JSON there and back. What the body, or a function of a declaration, does to the value
 * afterwards does not change it (S21).
 * @throws TypeError when the value cannot be written as JSON.
 */
export function snapshot<T>(value: T): T {
  const json = JSON.stringify(value) as string | undefined;
  return (json === undefined ? undefined : JSON.parse(json)) as T;
}

/**
 * What a function of a declaration says about a value, of which it is given a copy. One that throws costs its answer,
 * never the saga.
 */
export function askDeclaration<T>(ask: ((value: never) => T) | undefined, value: unknown): T | undefined {
  try {
    const answer = ask?.(snapshot(value) as never);
    // The type forbids an async function; if one is given, its failure must not fail the workflow task later.
    if (answer instanceof Promise) answer.catch(() => undefined);
    return answer;
  } catch {
    return undefined;
  }
}

/** A text for people, if a function of a declaration gives one. */
export function describeBy(
  describe: ((value: never) => string) | undefined,
  value: unknown,
): string | undefined {
  const text: unknown = askDeclaration(describe, value);
  return typeof text === 'string' ? text : undefined;
}
