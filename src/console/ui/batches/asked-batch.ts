import { signal } from '@preact/signals';
import type { BulkVerb } from '../../../client';
import type { ListFilter, NewBatch } from '../../contract';
import { counted } from '../parts/counted';

/** What a batch is asked for. */
export interface AskedBatch {
  readonly filter: ListFilter;
  readonly verb?: BulkVerb;
  readonly step?: string;
}

/** The batch for which the dialog is open. */
export const askedBatch = signal<AskedBatch | undefined>(undefined);

export function askForBatch(asked: AskedBatch): void {
  askedBatch.value = asked;
}

/** What each verb does to a saga, in one sentence. */
export const bulkVerbTexts: Readonly<Record<BulkVerb, string>> = {
  retry: 'Starts another round of attempts of each stuck step now.',
  resolve: 'States that each stuck compensation was done by hand.',
  skip: 'Leaves each stuck compensation undone permanently: the sagas end partly compensated.',
  abandon: 'Unwinds each saga that has not begun its pivot: its completed steps are compensated.',
  cancel: 'Asks each saga to cancel. It unwinds before its pivot, and declines after it.',
  rescue: 'Undoes each saga that was terminated, timed out, or failed without unwinding, in another saga.',
  reverse: 'Takes back each saga that completed, in another saga.',
};

export const bulkVerbs = Object.keys(bulkVerbTexts) as readonly BulkVerb[];

/** Whether it is about stuck steps, so that one can be named. */
export function isAboutSteps(verb: BulkVerb): boolean {
  return verb === 'retry' || verb === 'resolve' || verb === 'skip';
}

/** Why it has to be confirmed; absent for what changes nothing for good. */
export function bulkConfirmation(verb: BulkVerb, count: number): string | undefined {
  if (verb === 'retry' || verb === 'resolve') return undefined;
  return `I understand that ${verb} on about ${counted(count, 'saga')} cannot be undone.`;
}

/** How long it takes at least, in milliseconds. */
export function leastMs({ max, perSecond }: Pick<NewBatch, 'max' | 'perSecond'>, count: number): number {
  return (Math.min(count, max ?? DEFAULT_MAX) / (perSecond ?? DEFAULT_RATE)) * 1_000;
}

export const DEFAULT_MAX = 10_000;
export const DEFAULT_RATE = 10;
