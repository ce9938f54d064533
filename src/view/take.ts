/** The first items, at most `limit`. */
export async function take<T>(limit: number, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.push(item) >= limit) break;
  }
  return taken;
}
