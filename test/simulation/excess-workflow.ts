import {
  condition,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';

/*
 * Workflows that go past Temporal's limits. They are no sagas: an engine that keeps within the limits shows nothing of what
 * happens beyond them.
 */

/** Activities of these workflows. */
export interface ExcessActivities {
  /** Takes an input of any size. */
  take(input: string): Promise<null>;
  /** Takes as long as the test wants, once; then it is done at once. */
  hold(): Promise<null>;
  /** Takes some time. */
  linger(): Promise<null>;
  /** @returns a text of that length. */
  produce(length: number): Promise<string>;
}

const options = { startToCloseTimeout: '10s', retry: { maximumAttempts: 2, initialInterval: 10 } } as const;
const remote = proxyActivities<ExcessActivities>({ ...options, taskQueue: 'world' });
const local = proxyLocalActivities<ExcessActivities>(options);

/** Signals {@link waitForGo} to end. */
export const go = defineSignal<[string?]>('go');
/** An Update that completes at once, or when {@link waitForGo} ends. */
export const untilGo = defineUpdate<string, [string]>('untilGo');

const text = (length: number) => 'x'.repeat(length);
const times = <T>(count: number, run: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

/** @returns what an activity failed with: one of its own, or nothing. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : message;
  }
}

/** One activity after another. */
export async function inSteps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await remote.take('');
}

/** All in one workflow task. */
export async function atOnce(count: number, length = 0): Promise<string> {
  await times(count, () => remote.take(text(length)));
  return 'done';
}

export async function withInput(length: number): Promise<string> {
  return await failureOf(remote.take(text(length)));
}

export async function withResult(length: number): Promise<string> {
  return await failureOf(remote.produce(length));
}

export async function withLocalResult(length: number): Promise<string> {
  return await failureOf(local.produce(length));
}

export async function withAnswer(length: number): Promise<string> {
  return await Promise.resolve(text(length));
}

export async function withChildren(count: number, length = 0): Promise<void> {
  await times(count, async (index) => {
    const child = await startChild(withAnswer, {
      args: [0, text(length)] as never,
      workflowId: `child-${index}`,
    });
    await child.result();
  });
}

export async function withSignals(count: number, length = 0): Promise<void> {
  await times(count, (index) =>
    getExternalWorkflowHandle(`nobody-${index}`)
      .signal(go, text(length))
      .catch(() => undefined),
  );
}

export async function withCancels(count: number): Promise<void> {
  await times(count, (index) =>
    getExternalWorkflowHandle(`nobody-${index}`)
      .cancel()
      .catch(() => undefined),
  );
}

/** Local activities, all in one workflow task. */
export async function locallyAtOnce(count: number): Promise<void> {
  await times(count, () => local.linger());
}

/** Takes signals while a local activity runs. */
export async function whileLocalRuns(): Promise<number> {
  let signals = 0;
  setHandler(go, () => void signals++);
  await local.hold();
  await condition(() => signals > 0);
  return signals;
}

/** Waits for {@link go}. @returns how many Updates waited with it */
export async function waitForGo(): Promise<number> {
  let gone = false;
  let waiting = 0;
  setHandler(go, (more) => void (gone ||= more === undefined));
  setHandler(untilGo, async (when) => {
    if (when === 'at once') return when;
    waiting++;
    await condition(() => gone);
    return 'gone';
  });
  await condition(() => gone);
  return waiting;
}

/** What a workflow knows of its history at one point. */
export interface KnownHistory {
  readonly length: number;
  readonly bytes: number;
  readonly continueAsNewSuggested: boolean;
}

/** @returns what it knows after each of its steps. */
export async function measured(steps: number, length: number): Promise<KnownHistory[]> {
  const known: KnownHistory[] = [];
  for (let step = 0; step < steps; step++) {
    await remote.take(text(length));
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
    known.push({ length: historyLength, bytes: historySize, continueAsNewSuggested });
  }
  return known;
}
