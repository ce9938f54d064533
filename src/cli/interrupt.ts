/** A Ctrl-C that a command waits for, instead of being ended by it. */
export interface Interrupt {
  /** Whether it has come, now or within so many milliseconds. */
  within(ms: number): Promise<boolean>;
  /** What `work` gives, or undefined if the interrupt comes first. */
  race<T>(work: Promise<T>): Promise<T | undefined>;
  /** From now on Ctrl-C ends the process. */
  release(): void;
}

/** Has Ctrl-C, or SIGTERM, wait for the command. */
export function awaitInterrupt(): Interrupt {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    within: async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), ms);
      });
      const came = await Promise.race([interrupted.then(() => true), late]);
      clearTimeout(timer);
      return came;
    },
    race: async (work) => await Promise.race([work, interrupted.then(() => undefined)]),
    release: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
