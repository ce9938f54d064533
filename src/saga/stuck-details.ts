import type { Entry, Stuck } from './core/entry';
import { instant } from './core/instant';
import { inert, inlineCode } from './markdown';

/** An entry that is stuck. */
type StuckEntry = Entry & { readonly stuck: Stuck };

const MAX_SHOWN = 5;

/** For the Web UI: what is stuck, why, when it is tried again, and each Update that helps, with an input to complete. */
export function stuckDetails(sagaId: string, entries: readonly Entry[]): string[] {
  const stuck = entries.filter((entry): entry is StuckEntry => entry.stuck !== undefined);
  if (stuck.length === 0) return [];
  const more = stuck.length - MAX_SHOWN;
  return [
    ...stuck.slice(0, MAX_SHOWN).flatMap((entry) => ['', described(entry), '', ...updatesFor(entry)]),
    ...(more > 0 ? ['', `and ${more} more that are stuck`] : []),
    '',
    `In a terminal: ${inlineCode(`unwind show ${sagaId}`)}`,
  ];
}

function described({ id, stuck: { op, since, rounds, failure, retryAt } }: StuckEntry): string {
  const next = retryAt === undefined ? '' : `, next attempt at ${instant(retryAt)}`;
  const what = op === 'do' ? inert(id) : `the compensation of ${inert(id)}`;
  return `**${what}** is stuck since ${instant(since)}: ${inlineCode(failure.code)} ${inert(failure.message)} (rounds used up: ${rounds}${next})`;
}

function updatesFor({ id, stuck: { op, nested } }: StuckEntry): string[] {
  if (nested !== undefined) return [`- decide at the desk of ${inlineCode(nested)}, which is stuck itself`];
  const decision = { step: id, actor: '', reason: '' };
  const update = (name: string, effect: string, input: object) =>
    `- ${inlineCode(name)} ${effect}: ${inlineCode(JSON.stringify(input))}`;
  return [
    update('retryStep', 'tries again now', decision),
    ...(op === 'do'
      ? [update('resolveStep', 'says that it was done by hand', { ...decision, output: null })]
      : [
          update('resolveStep', 'says that it was done by hand', decision),
          update('skipStep', 'leaves its effect in place for good', decision),
        ]),
  ];
}
