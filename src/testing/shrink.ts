/** How many runs may be spent on it. */
const AT_MOST = 300;

/**
 * Makes a list of choices that fails as uneventful as it can: takes parts of it out, then makes parts 0, ever smaller ones.
 * @returns choices that fail
 */
export async function shrink(
  failing: readonly number[],
  fails: (choices: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let best = failing;
  let left = AT_MOST;
  const isBetter = async (choices: readonly number[]) => {
    if (left-- <= 0 || !(await fails(choices))) return false;
    best = choices;
    return true;
  };
  for (let size = best.length; size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && left > 0;) {
      const before = best.slice(0, at);
      const part = best.slice(at, at + size);
      const after = best.slice(at + size);
      if (await isBetter([...before, ...after])) continue;
      if (part.some((choice) => choice !== 0)) await isBetter([...before, ...part.map(() => 0), ...after]);
      at += size;
    }
  }
  return best;
}
