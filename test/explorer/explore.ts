import type { SagaState } from '../../src/saga/core/state';
import type { Program } from '../saga/program';
import { type Choice, ModelRun, type ModelOptions } from './model-run';
import { ParticipantsModel } from './participants-model';

/** Ends the workflow task of an express saga, or has the server ask for a sign of life of it: both record what it did. */
const END_TASK = 'end-task';
/** The worker dies. What was sent comes again. */
const LOSE_TASK = 'lose-task';
/** The server dies. What it had not recorded was refused to its sender, and does not come again. */
const LOSE_UPDATES = 'lose-updates';
/** Before what comes while the task is lost. */
const WITH = ', with ';

/** A model run that can lose what an express saga has not recorded yet. */
export class Exploration {
  private run: ModelRun;
  private readonly participants = new ParticipantsModel();
  private recorded: Choice[] = [];
  private since: Choice[] = [];
  private lost: Choice | undefined;

  constructor(
    private readonly program: Program,
    private options: ModelOptions,
  ) {
    this.run = new ModelRun(program, this.participants, options);
  }

  get choices(): Choice[] {
    const { run, since } = this;
    const late = run.choices.find((choice) => choice.startsWith('find-blocked'));
    if (late) throw new Error(`${late}: it is called after it was undone`);
    if (!this.options.express) return this.possible;
    const losses = this.lost || since.length === 0 ? [] : this.losses;
    if (run.isAtRest && (since.length > 0 || run.isPostponed)) return [END_TASK, ...losses];
    if (since.length === 0) return this.possible;
    return [...run.choices, END_TASK, ...losses];
  }

  private get possible(): Choice[] {
    const { choices, state } = this.run;
    if (choices.length === 0 && !state.over)
      throw new Error(`nothing can happen any more, and it is ${state.phase}`);
    return choices;
  }

  get state(): SagaState {
    return this.run.state;
  }

  get phase() {
    return this.state.phase;
  }

  get key(): string {
    if (!this.options.express) return this.run.key;
    // What can be lost no more has no other future than what is recorded.
    return `${this.run.key}${this.lost ? this.since.length > 0 : this.since.join()}`;
  }

  /** @throws Error when an invariant does not hold afterwards. */
  apply(choice: Choice): void {
    if (choice === END_TASK) this.endTask();
    else if (choice.startsWith(LOSE_TASK) || choice === LOSE_UPDATES) this.lose(choice);
    else {
      // An Update comes with a workflow task: the one before has ended.
      if (this.options.express && this.run.isUpdate(choice) && this.since.length > 0) this.endTask();
      this.run.apply(choice);
      this.since.push(choice);
    }
  }

  private endTask(): void {
    this.run.endTask();
    this.recorded.push(...this.since, END_TASK);
    this.since = [];
  }

  /** The participants remember; what is in the history comes again, all else is forgotten. */
  private lose(choice: Choice): void {
    const { run, since } = this;
    const [how = '', meanwhile] = choice.split(WITH);
    this.lost = choice;
    const again = since.filter((each) => run.isMessage(each) || (how === LOSE_TASK && run.isUpdate(each)));
    const { messages = [] } = this.options;
    const gone = since.filter((each) => messages.includes(each) && !again.includes(each));
    this.options = { ...this.options, messages: without(messages, gone) };
    this.run = new ModelRun(this.program, this.participants, this.options);
    for (const each of this.recorded) {
      if (each === END_TASK) this.run.endTask();
      else this.run.apply(each);
    }
    if (meanwhile !== undefined && this.run.choices.includes(meanwhile)) again.push(meanwhile);
    this.run.applyAll(again);
    this.since = again;
  }

  /** While the task is lost an Update or a signal may come. */
  private get losses(): Choice[] {
    const { run, since } = this;
    const losesUpdates = since.some((each) => run.isUpdate(each));
    const meanwhile = new Set(run.unsent);
    return [
      LOSE_TASK,
      ...[...meanwhile].map((message) => `${LOSE_TASK}${WITH}${message}`),
      ...(losesUpdates ? [LOSE_UPDATES] : []),
    ];
  }
}

function without(all: readonly Choice[], gone: readonly Choice[]): Choice[] {
  const left = [...all];
  for (const one of gone) left.splice(left.indexOf(one), 1);
  return left;
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
