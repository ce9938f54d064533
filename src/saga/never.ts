/** What a body waits for that gets no answer any more (decision 0005). */
export function never(): Promise<never> {
  return new Promise(() => {});
}
