import type { Placement } from '../saga';
import { canRefuse } from './cases';
import { barrierBackend } from './barrier-backend';
import type { SagaTestKit } from './kit';
import type { SagaUnderTest } from './saga-under-test';
import { RATES, runSchedule, type Schedule } from './schedule';
import { shrink } from './shrink';
import { Choices } from './simulation/choices';
import type { FaultRates } from './simulation/faults';
import type { MakeBackend } from './troubled-participants';

/** What is tried. */
export interface ExploreOptions {
  /** Decides about all schedules: the same seed, the same exploration. @default 1 */
  readonly seed?: number;
  /** How many. @default 1,000, or as many as there is time for */
  readonly schedules?: number;
  /** For how long, instead of a number of schedules. */
  readonly minutes?: number;
  /** In turn. @default ['participants'] */
  readonly placements?: readonly Placement[];
  /** How often something goes wrong by chance: once in so many times. @default each of them once in twenty to forty times */
  readonly faults?: FaultRates;
  /**
   * What plays the participants: their rules in memory, or this library's barrier on a simulated PostgreSQL, whose connections and
   * transactions have faults as well. @default 'in-memory'
   */
  readonly participants?: 'in-memory' | 'barrier';
  /** Is told now and then how far it is. */
  readonly onProgress?: (progress: ExploreProgress) => void;
}

/** How far an exploration is. */
export interface ExploreProgress {
  readonly schedules: number;
  /** How many states of the saga they have led to. */
  readonly states: number;
  readonly perSecond: number;
  readonly secondsLeft: number;
}

/** A schedule in which a saga broke its promise or that has no end, after everything was taken out of it that is not needed for that. */
export interface BrokenSchedule {
  readonly placement: Placement;
  /** Absent for those in memory. */
  readonly participants?: 'barrier';
  /** What {@link replay} repeats. */
  readonly choices: readonly number[];
  readonly problems: readonly string[];
  /** What happened, in order, and what the participants' ledgers hold. */
  readonly story: readonly string[];
  /** A line of code that repeats it. */
  readonly replay: string;
}

/** What came of an exploration, which ends at the first broken schedule. */
export interface Explored {
  readonly schedules: number;
  /** How many states of the saga they have led to. */
  readonly states: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly broken?: BrokenSchedule;
}

const SCHEDULES = 1_000;
/** Told after so many schedules. */
const PROGRESS = 100;

/**
 * Runs a saga under many schedules. The seed decides about every order and delay, about a refusal, a step that does not work for a
 * time, lost requests and answers, late and slow attempts, lost workflow tasks, restarts of workers and of the server, about a
 * cancel, a reset, decisions of operators, a termination and the rescue after it; the saga must keep its promise in each. Half of the
 * schedules begin as one before did that led to a new state of the saga.
 * @param kit one that simulates.
 * @throws Error for a kit on a server.
 */
export async function explore(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  options: ExploreOptions = {},
): Promise<Explored> {
  const backend = options.participants === 'barrier' ? barrierBackend() : undefined;
  return await exploreWith(backend, kit, saga, options);
}

/** The same with a backend for the participants. */
export async function exploreWith(
  backend: MakeBackend | undefined,
  kit: SagaTestKit,
  saga: SagaUnderTest,
  options: ExploreOptions,
): Promise<Explored> {
  const { seed = 1, minutes, placements = ['participants'], faults = RATES, onProgress } = options;
  const { schedules = minutes === undefined ? SCHEDULES : Infinity } = options;
  const begun = Date.now();
  const end = minutes === undefined ? Infinity : begun + minutes * 60_000;
  const possible = await possibleIn(kit, saga);
  const guide = new Guide(seed);
  const byOutcome: Record<string, number> = {};
  let index = 0;
  const sum = () => ({ schedules: index, states: guide.states, byOutcome });
  while (index < schedules && Date.now() < end) {
    const placement = placements[index % placements.length] ?? 'participants';
    const schedule: Schedule = {
      ...guide.next(placement),
      placement,
      faults,
      ...possible,
      ...(backend && { backend }),
    };
    const run = await runSchedule(kit, saga, schedule);
    index++;
    byOutcome[run.outcome] = (byOutcome[run.outcome] ?? 0) + 1;
    if (run.problems.length > 0)
      return { ...sum(), broken: await shrunk(kit, saga, { ...schedule, choices: run.choices }) };
    guide.learn(placement, run);
    if (index % PROGRESS === 0) onProgress?.(progress(sum(), begun, end, schedules));
  }
  return sum();
}

/** Repeats a broken schedule. @returns what is wrong with it; nothing when it is mended. */
export async function replay(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  {
    placement,
    participants,
    choices,
    faults = RATES,
  }: Pick<BrokenSchedule, 'placement' | 'choices'> & Pick<ExploreOptions, 'faults' | 'participants'>,
): Promise<readonly string[]> {
  const possible = await possibleIn(kit, saga);
  const { problems } = await runSchedule(kit, saga, {
    seed: 0,
    choices,
    placement,
    faults,
    ...possible,
    ...(participants === 'barrier' && { backend: barrierBackend() }),
  });
  return problems;
}

async function shrunk(kit: SagaTestKit, saga: SagaUnderTest, schedule: Schedule): Promise<BrokenSchedule> {
  const { placement, choices: failing = [] } = schedule;
  const runWith = (choices: readonly number[]) =>
    runSchedule(kit, saga, { ...schedule, choices, afterwards: 'calm' });
  const choices = await shrink(failing, async (some) => (await runWith(some)).problems.length > 0);
  const { problems, story } = await runWith(choices);
  const repeated = { placement, ...(schedule.backend && { participants: 'barrier' as const }), choices };
  const replay = `await replay(kit, saga, ${JSON.stringify(repeated)})`;
  return { ...repeated, problems, story, replay };
}

/** Where something can go wrong: as a run tells in which nothing does. */
async function possibleIn(
  kit: SagaTestKit,
  saga: SagaUnderTest,
): Promise<Pick<Schedule, 'refusable' | 'actions'>> {
  const calm = { seed: 0, choices: [], placement: 'participants', refusable: [], actions: [] } as const;
  const { operations } = await runSchedule(kit, saga, calm);
  const actions = [...operations.values()].filter(({ call }) => call.op === 'do');
  return {
    actions: actions.map(({ name }) => name),
    refusable: actions.filter((action) => canRefuse(saga, action)).map(({ name }) => name),
  };
}

function progress(
  { schedules, states }: Explored,
  begun: number,
  end: number,
  atMost: number,
): ExploreProgress {
  const seconds = (Date.now() - begun) / 1_000;
  const perSecond = Math.round(schedules / seconds);
  const secondsLeft = Math.round(
    Math.min((end - Date.now()) / 1_000, (atMost - schedules) / (schedules / seconds)),
  );
  return { schedules, states, perSecond, secondsLeft };
}

/** Chooses schedules: by chance, or as one that led to a new state, up to some point. */
class Guide {
  private readonly known = new Set<string>();
  /** The choices that led to a new state, by placement. */
  private readonly promising = new Map<Placement, (readonly number[])[]>();
  private readonly chance: Choices;
  private nextSeed: number;

  constructor(seed: number) {
    this.chance = new Choices(seed);
    this.nextSeed = seed;
  }

  get states(): number {
    return this.known.size;
  }

  next(placement: Placement): Pick<Schedule, 'seed' | 'choices' | 'afterwards'> {
    const seed = this.nextSeed++;
    const candidates = this.promising.get(placement) ?? [];
    const choices = candidates[this.chance.pick(2 * candidates.length + 1)];
    if (!choices) return { seed };
    return { seed, choices: choices.slice(0, this.chance.pick(choices.length)), afterwards: 'chance' };
  }

  learn(
    placement: Placement,
    { states, choices }: { readonly states: readonly string[]; readonly choices: readonly number[] },
  ): void {
    const before = this.known.size;
    for (const state of states) this.known.add(`${placement} ${state}`);
    if (this.known.size === before) return;
    const promising = this.promising.get(placement) ?? [];
    promising.push(choices);
    this.promising.set(placement, promising);
  }
}
