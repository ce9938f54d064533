import type { Program } from '../saga/program';
import { type Choice, ModelRun, type ModelOptions } from './model-run';
import { ParticipantsModel } from './participants-model';

/** A model run that can lose what an express saga has not recorded yet. */
export class Exploration {
  private run: ModelRun;
  private readonly participants = new ParticipantsModel();
  private recorded: Choice[] = [];
  private since: Choice[] = [];
  private lost = false;

  constructor(
    private readonly program: Program,
    private readonly options: ModelOptions,
  ) {
    this.run = new ModelRun(program, this.participants, options);
  }

  get choices(): Choice[] {
    const late = this.run.choices.find((choice) => choice.startsWith('find-blocked'));
    if (late) throw new Error(`${late}: it is called after it was undone`);
    const mayLose = this.options.express && !this.lost && this.since.length > 0;
    return [...this.run.choices, ...(mayLose && !this.run.state.over ? ['lose-task'] : [])];
  }

  get phase() {
    return this.run.state.phase;
  }

  get key(): string {
    return `${this.run.key}${this.lost}${this.options.express ? this.since.join() : ''}`;
  }

  /** @throws Error when an invariant does not hold afterwards. */
  apply(choice: Choice): void {
    if (choice === 'lose-task') {
      this.lost = true;
      // The participants remember; what stands in the history comes again, all else is forgotten.
      const messages = this.since.filter((each) => this.run.isMessage(each));
      this.run = new ModelRun(this.program, this.participants, this.options);
      for (const each of this.recorded) this.run.apply(each);
      for (const message of messages) this.run.apply(message);
      this.since = messages;
      return;
    }
    this.run.apply(choice);
    this.since.push(choice);
    if (!this.run.isRecorded && !/^(retry|resolve|skip) /.test(choice)) return;
    this.recorded.push(...this.since);
    this.since = [];
  }
}

export interface Explored {
  readonly states: number;
  /** How many states each end was reached in. */
  readonly ends: Readonly<Record<string, number>>;
}

/**
 * Reaches every state that a program can get into, and checks the invariants in each.
 * @param onChoice is told everything that was made to happen.
 * @throws Error with the way to a state in which an invariant does not hold.
 */
export function explore(
  program: Program,
  options: ModelOptions,
  onChoice: (choice: Choice) => void = () => undefined,
): Explored {
  const seen = new Set<string>();
  const ends: Record<string, number> = {};
  const open: Choice[][] = [[]];
  for (let path = open.pop(); path; path = open.pop()) {
    const exploration = new Exploration(program, options);
    const way: Choice[] = [];
    let next: Choice | undefined;
    try {
      for (next of path) {
        onChoice(next);
        exploration.apply(next);
        way.push(next);
      }
      for (;;) {
        const { key } = exploration;
        if (seen.has(key)) break;
        seen.add(key);
        const [first, ...others] = exploration.choices;
        if (first === undefined) {
          ends[exploration.phase] = (ends[exploration.phase] ?? 0) + 1;
          break;
        }
        for (const other of others) open.push([...way, other]);
        next = first;
        onChoice(first);
        exploration.apply(first);
        way.push(first);
      }
    } catch (error) {
      throw new Error(`${(error as Error).message}\nafter: ${[...way, next].join(', ')}`, { cause: error });
    }
  }
  return { states: seen.size, ends };
}
