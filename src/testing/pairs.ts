import type { FaultCase } from './cases';
import { type FaultKind, isReset, nameOf } from './fault';
import type { Choices } from './simulation/choices';

/** Of these a person must help, who helps one saga for one reason at a time. */
const HELPED: readonly FaultKind[] = ['no-worker', 'compensation-never-works'];

/** The cases in which a saga meets two faults that it may meet on one way. @param atMost how many; fewer if there are not so many */
export function pairsOf(cases: readonly FaultCase[], atMost: number, choices: Choices): FaultCase[] {
  const pairs = cases.flatMap((one, index) =>
    cases.slice(index + 1).flatMap((other) => {
      const { fault, given } = one;
      if (!fault || !other.fault || other.given !== given || isExcluded(one, other)) return [];
      return [{ ...one, name: `${nameOf(fault)} and ${other.name}`, also: other.fault }];
    }),
  );
  if (pairs.length <= atMost) return pairs;
  return Array.from({ length: atMost }, () => pairs.splice(choices.pick(pairs.length), 1)).flat();
}

function isExcluded({ fault: one }: FaultCase, { fault: other }: FaultCase): boolean {
  const needsHelp = [one, other].filter((fault) => fault && (isReset(fault) || HELPED.includes(fault.kind)));
  // At the desk of an operation that another fault has made stuck a decision is none that nobody has asked for.
  const isAsked = one?.at === other?.at && [one, other].some((fault) => fault?.kind === 'stray-decision');
  return needsHelp.length > 1 || isAsked;
}
