import type { Placement } from '../saga';
import { placements } from '../saga';
import type { Settings } from './settings';
import { throwProblems } from './settings';

/**
 * Where the steps of sagas run: `UNWIND_PLACEMENTS`, such as `fulfilOrder=express`, comma-separated.
 * @returns by workflow; nothing for those that are not named.
 * @throws SetupError `INVALID_SETTING`
 */
export function readPlacements(env: Settings): Readonly<Record<string, Placement>> {
  const problems: string[] = [];
  const named = (env.UNWIND_PLACEMENTS ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [workflow = '', wanted, ...more] = part.split('=').map((word) => word.trim());
      const placement = placements.find((known) => known === wanted);
      if (workflow === '' || !placement || more.length > 0) {
        problems.push(
          `UNWIND_PLACEMENTS must be like fulfilOrder=express, with one of ${placements.join(', ')}; it has "${part.trim()}"`,
        );
      }
      return [workflow, placement] as const;
    });
  const twice = named.map(([workflow]) => workflow).find((each, index, all) => all.indexOf(each) !== index);
  if (twice !== undefined)
    problems.push(`UNWIND_PLACEMENTS must name a workflow once; it names ${twice} twice`);
  throwProblems(problems);
  return Object.fromEntries(named) as Record<string, Placement>;
}

/** Whether an orchestrator's worker is to host the participants' activities too. */
export function hostsParticipants(env: Settings): boolean {
  return Object.values(readPlacements(env)).some((placement) => placement !== 'participants');
}
