import { isWellFormed } from '../saga/core/plain-text';

/** What is wrong with a text that the database would not keep as it is. */
const RULE = 'must hold neither U+0000 nor half of a surrogate pair, which the database cannot keep';

/** Names each text in a value that the database would refuse or, worse, change. */
export function findUnstorable(value: unknown, path: string): string[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [`${path}: ${RULE}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    isStorable(key) ? findUnstorable(inner, `${path}.${key}`) : [`${path}: a key ${RULE}`],
  );
}

function isStorable(text: string): boolean {
  return isWellFormed(text) && !text.includes('\0');
}
