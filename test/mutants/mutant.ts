/** A deliberate breakage of the engine or the barrier, and the tests that must notice it. */
export interface Mutant {
  /** What is broken, in a few words. */
  readonly name: string;
  readonly rule: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly tests: string;
}
