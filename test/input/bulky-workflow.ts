import {
  type Action,
  type Committed,
  compensatable,
  type Compensation,
  defineSaga,
  nested,
  participant,
  pivot,
  refusal,
  retriable,
  runSaga,
} from '../../src/saga';

/** What a step is given; its participant answers with so many bytes, or fails. */
export interface Bulk {
  readonly text: string;
  readonly answers: number;
  readonly fails?: { readonly type: string; readonly message: string; readonly times: number };
}

export { rescueSaga } from '../../src/saga';

export type BulkyActivities = {
  act: Action<Bulk, string>;
  takeBack: Compensation<Bulk, string>;
};

/** A step of any size: the sizes are made where they are needed, so that a saga's own input stays small. */
interface BulkyStep extends Partial<Omit<Bulk, 'text'>> {
  readonly kind?: 'pivot' | 'retriable';
  /** It is such a saga. */
  readonly nested?: Omit<BulkyPlan, 'id'>;
  readonly name: string;
  readonly bytes?: number;
  readonly summary?: string;
}

/** A saga whose steps, texts and result are as large and as strange as a test asks. */
export interface BulkyPlan {
  readonly id: string;
  readonly steps?: readonly BulkyStep[];
  readonly atOnce?: boolean;
  /** Its body fails; its message is repeated so many times. */
  readonly fails?: { readonly code: string; readonly message: string; readonly times?: number };
  /** Its body has a bug that says so. */
  readonly bug?: string;
  readonly resultBytes?: number;
  readonly summary?: string;
  readonly details?: string;
  readonly padding?: unknown;
}

export const bulkySaga = defineSaga<BulkyPlan, string>({
  workflow: 'runBulky',
  taskQueue: 'bulky',
  idOf: ({ id }) => id,
  summary: ({ summary = 'bulky' }) => summary,
  details: ({ details = 'bulky' }) => details,
});

const bulky = participant<BulkyActivities>({ name: 'bulky', taskQueue: 'bulky' });
const options = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumAttempts: 1 },
} as const;

export async function runBulky(plan: BulkyPlan): Promise<string> {
  const { steps = [], fails, bug, resultBytes = 0, atOnce = false } = plan;
  return await runSaga(bulkySaga, async (saga) => {
    let committed: Committed<string> | undefined;
    async function run(step: BulkyStep): Promise<void> {
      const { kind, name, bytes = 0, answers = 0, summary, fails: failing } = step;
      const input = { text: 'x'.repeat(bytes), answers, ...(failing && { fails: failing }) };
      const declared = {
        name,
        action: 'act',
        options,
        ...(summary !== undefined && { summary: () => summary }),
      } as const;
      if (step.nested) await saga.run(nested(bulkySaga, { name }), { id: name, ...step.nested });
      else if (kind === 'pivot')
        committed = await saga.pivot(pivot(bulky, { ...declared, compensation: 'takeBack' }), input);
      else if (kind === 'retriable') await committed?.run(retriable(bulky, declared), input);
      else
        await saga.run(
          compensatable(bulky, { ...declared, compensation: 'takeBack', refusals: ['NO'] }),
          input,
        );
    }
    if (atOnce) await Promise.all(steps.map(run));
    else for (const step of steps) await run(step);
    if (bug !== undefined) throw new TypeError(bug);
    if (fails) throw refusal(fails.code, fails.message.repeat(fails.times ?? 1));
    return 'x'.repeat(resultBytes);
  });
}
