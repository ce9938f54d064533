/** Wants the numbers below this one. */
export const upTo = (count: number) => (number: number) => number < count;

/** Does the same for the numbers from 0 as long as more are wanted, some at a time: the next begins when one has ended. */
export async function inParallel(
  isWanted: (number: number) => boolean,
  atOnce: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (isWanted(next)) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
