import type { Priority } from '@temporalio/common';
import { isWellFormed } from './core/plain-text';

/** What an int32 holds. A server with fewer levels uses the last one for a larger key. */
const MAX_PRIORITY_KEY = 2 ** 31 - 1;
/** In UTF-8. The server refuses a longer one. */
const MAX_FAIRNESS_KEY_BYTES = 64;
/** A server changes a weight outside of these. */
const FAIRNESS_WEIGHTS = { min: 0.001, max: 1000 };

const utf8 = new TextEncoder();

/** Why the server would refuse or change a priority; undefined for a valid one. */
export function priorityProblem(priority: Priority): string | undefined {
  if (typeof priority !== 'object' || priority === null)
    return 'a priority must be an object, or undefined for none';
  const { priorityKey, fairnessKey, fairnessWeight } = priority;
  if (priorityKey !== undefined && !isPriorityKey(priorityKey))
    return `priorityKey must be an integer from 1 to ${MAX_PRIORITY_KEY}, and is ${shown(priorityKey)}`;
  if (fairnessKey !== undefined && !isFairnessKey(fairnessKey))
    return `fairnessKey must be a text of at most ${MAX_FAIRNESS_KEY_BYTES} bytes in UTF-8, and is ${shown(fairnessKey)}`;
  const { min, max } = FAIRNESS_WEIGHTS;
  if (fairnessWeight !== undefined && !isWithin(fairnessWeight, min, max))
    return `fairnessWeight must be a number from ${min} to ${max}, and is ${shown(fairnessWeight)}`;
  return undefined;
}

/** The fields that are set, if any is. The server describes a field that is not set as zero or an empty text. */
export function setPriority(priority: Priority | undefined): Priority | undefined {
  const { priorityKey, fairnessKey, fairnessWeight } = priority ?? {};
  if (!priorityKey && !fairnessKey && !fairnessWeight) return undefined;
  return {
    ...(priorityKey && { priorityKey }),
    ...(fairnessKey && { fairnessKey }),
    ...(fairnessWeight && { fairnessWeight }),
  };
}

function isPriorityKey(key: unknown): boolean {
  return Number.isInteger(key) && isWithin(key, 1, MAX_PRIORITY_KEY);
}

function isFairnessKey(key: unknown): boolean {
  return (
    typeof key === 'string' && isWellFormed(key) && utf8.encode(key).byteLength <= MAX_FAIRNESS_KEY_BYTES
  );
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
