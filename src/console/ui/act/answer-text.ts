import type { Act, ActResult } from '../../contract';
import type { Tone } from '../parts/states';

/** What came of an act, in one or two sentences. */
export function answerText(act: Act, result: ActResult): string {
  const about = act.step ?? 'The saga';
  const state = result.state ?? 'in an unknown state';
  const why = result.message === undefined ? '' : `: ${result.message}`;
  switch (result.result) {
    case 'done':
      return doneText(act, result, state);
    case 'still-stuck':
      return act.verb === 'rescue' || act.verb === 'reverse'
        ? `${result.rescueId ?? 'The saga that undoes it'} is stuck${why}. Decide there.`
        : `${about} failed again and is still stuck${why}. The saga is ${state}.`;
    case 'pending':
      return `Accepted, but the effect was not seen in time${why}. The saga is ${state}. This page shows the effect when it happens.`;
    case 'refused':
      return `Refused, and nothing was changed${why || `: the saga is ${state}`}`;
    case 'nothing-to-do':
      return `There was nothing to do: the saga is ${state}${result.message === undefined ? '' : ` (${result.message})`}.`;
    case 'failed':
      return `It is not known whether this was accepted${why}. Read the saga again before you decide again.`;
  }
}

function doneText({ verb, step }: Act, { rescueId }: ActResult, state: string): string {
  switch (verb) {
    case 'retry':
    case 'resolve':
    case 'skip':
      return `${step ?? 'The saga'} is no longer stuck; the saga is ${state}.`;
    case 'cancel':
      return `The cancel request took effect; the saga is ${state}.`;
    case 'abandon':
      return `The saga was abandoned; it is ${state}.`;
    case 'rescue':
    case 'reverse':
      return `The saga was undone${rescueId === undefined ? '' : ` by ${rescueId}`}; it is ${state}.`;
  }
}

export function answerTone({ result }: ActResult): Tone {
  if (result === 'done') return 'good';
  if (result === 'pending' || result === 'nothing-to-do') return 'warn';
  return 'bad';
}
