/** What the browser remembers for its user. It may forbid that: then nothing is remembered. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`unwind.${name}`, JSON.stringify(value));
  } catch {
    // Storage is full or switched off.
  }
}

/** @param fits whether what was remembered can be used: a user, or an earlier version, may have written it. */
export function recall<T>(name: string, fits: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`unwind.${name}`) ?? 'null');
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
