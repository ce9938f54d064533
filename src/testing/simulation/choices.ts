/**
 * Where every decision of a simulation comes from: random numbers of a seed, or the choices of an earlier run, after which all
 * is uneventful. A run is repeated by what it made.
 */
export class Choices {
  /** All choices so far, in order. */
  readonly made: number[] = [];
  private state: number;

  constructor(
    seed: number,
    private readonly given?: readonly number[],
    /** What comes after the given ones. */
    private readonly afterwards: 'calm' | 'chance' = given ? 'calm' : 'chance',
  ) {
    this.state = seed >>> 0;
  }

  /** @returns one of `0 … count - 1`. 0 is the uneventful one: a shrunk run has as many of them as it can. */
  pick(count: number): number {
    const { given, made, afterwards } = this;
    const chance = afterwards === 'chance' ? Math.floor(this.random() * count) : 0;
    const choice = Math.min(given?.[made.length] ?? chance, count - 1);
    made.push(choice);
    return choice;
  }

  /** Mulberry32, by Tommy Ettinger: 32 bits of state, which a seed fills. @returns from 0 to below 1 */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
