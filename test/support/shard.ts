/** One part of several: `2/4` is the second of four. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Reads `--shard=2/4` from the arguments of a command; absent: all of it, in one part. @throws Error when it is neither. */
export function shardFrom(args: readonly string[]): Shard {
  const given = args.find((one) => one.startsWith('--shard'));
  if (given === undefined) return { index: 1, count: 1 };
  const [, index, count] = /^--shard=(\d+)\/(\d+)$/.exec(given)?.map(Number) ?? [];
  if (!index || !count || index > count) throw new Error(`${given}: give a part of several, as --shard=2/4`);
  return { index, count };
}

/** Every so manieth item, so that those next to each other, which are alike, come into different parts. */
export function partOf<T>(items: readonly T[], { index, count }: Shard): T[] {
  return items.filter((_, at) => at % count === index - 1);
}
