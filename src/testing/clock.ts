import type { TestWorkflowEnvironment } from '@temporalio/testing';

/** The clock of a time-skipping server, which jumps to the next timer whenever nothing runs. */
export class Clock {
  constructor(private readonly env: TestWorkflowEnvironment) {}

  /** The environment's own client locks the clock again when the first of many workflows has ended. */
  async unlock(): Promise<void> {
    await this.service?.unlockTimeSkipping({});
  }

  async lock(): Promise<void> {
    await this.service?.lockTimeSkipping({});
  }

  /** Lets no timer fire by a jump meanwhile. */
  async held<T>(work: () => Promise<T>): Promise<T> {
    await this.lock();
    try {
      return await work();
    } finally {
      await this.unlock();
    }
  }

  /** @throws Error when it has come too far. */
  async check(): Promise<void> {
    const { time } = (await this.service?.getCurrentTime({})) ?? {};
    const seconds = Number(time?.seconds ?? 0);
    if (seconds < ENDS) return;
    throw new Error(
      `the test server's clock stands at ${new Date(seconds * 1000).toISOString()} and would soon stop: ` +
        'let more runs overlap, or give the kit a new environment',
    );
  }

  private get service() {
    return this.env.connection.testService;
  }
}

/** In seconds. */
const YEAR = 366 * 24 * 3600;

/**
 * In seconds. Whenever nothing runs the clock leaps over the ten years after which the server would time out a workflow
 * that has ended; a time ten years ahead that does not fit 63 bits of nanoseconds stops it for good.
 */
const ENDS = 2 ** 63 / 1e9 - 11 * YEAR;
