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
  /** The sagas whose simulated schedules show it soonest. @default all that are explored */
  readonly sagas?: readonly string[];
  /** Which of the findings of real incidents was like it, by its number in `docs/reliability.md`. */
  readonly finding?: number;
}
