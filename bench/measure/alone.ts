import { plainName } from '../contenders/contender';
import { restServers } from '../servers/rest';
import type { BenchServers } from '../servers/servers';
import type { ContenderProcess } from './child-process';
import { inOrderOf } from './opposite-order';

/** Of each contender in a round: an even number. */
const ORDERS = 100;

/** When each customer of a contender knew that the order is accepted, in milliseconds, by the contender's name. */
export type Answers = ReadonlyMap<string, readonly number[]>;

/**
 * Has each contender fulfil one order while the others wait, then the next: what changes on the machine within seconds meets all of them
 * alike. Each time in the opposite order.
 * @param early whether customers are answered early by those who can do that; at the order's end otherwise.
 */
export async function fulfilInTurns(
  processes: ReadonlyMap<string, ContenderProcess>,
  servers: BenchServers,
  { prefix, early }: { readonly prefix: string; readonly early: boolean },
): Promise<Answers> {
  const answers = new Map([...processes.keys()].map((name): [string, number[]] => [name, []]));
  await restServers(servers);
  for (let order = 1; order <= ORDERS; order++)
    for (const [name, child] of inOrderOf(order, processes)) {
      const { firstAnswers } = await child.run({
        prefix: `${plainName(name)}-${prefix}-${order}`,
        orders: 1,
        concurrency: 1,
        path: 'happy',
        early,
      });
      answers.get(name)?.push(...firstAnswers);
    }
  return answers;
}
