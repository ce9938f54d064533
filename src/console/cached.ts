/** How much longer than it took to read something it is kept: the server spends a tenth of its time on it. */
const TIMES_ITS_COST = 10;
/** Nothing is shown that is older: what takes long to read is often what people wait to see change. */
const KEPT_AT_MOST_MS = 60_000;

/** Keeps what was read, by a key, and reads it once for all that ask at the same time. */
export class Cached<T> {
  private readonly kept = new Map<string, { readonly value: Promise<T>; until: number }>();

  /**
   * @param keptMs for how long at least, in milliseconds.
   * @param isWhole what is not is not kept: the next to ask may find more.
   */
  constructor(
    private readonly keptMs: number,
    private readonly isWhole: (value: T) => boolean = () => true,
  ) {}

  async get(key: string, read: () => Promise<T>): Promise<T> {
    const begun = Date.now();
    const known = this.kept.get(key);
    if (known && known.until > begun) return await known.value;
    const entry = { value: read(), until: Infinity };
    this.forgetOld(begun);
    this.kept.set(key, entry);
    try {
      const value = await entry.value;
      const now = Date.now();
      const longer = Math.min((now - begun) * TIMES_ITS_COST, KEPT_AT_MOST_MS);
      entry.until = this.isWhole(value) ? now + Math.max(this.keptMs, longer) : now;
      return value;
    } catch (error) {
      this.kept.delete(key);
      throw error;
    }
  }

  private forgetOld(now: number): void {
    for (const [key, { until }] of this.kept) if (until <= now) this.kept.delete(key);
  }
}
