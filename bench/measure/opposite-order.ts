/** All in their order the first time, in the opposite order the second time, and so on. @param time from 1 */
export function inOrderOf<One>(time: number, all: Iterable<One>): readonly One[] {
  return time % 2 ? [...all] : [...all].toReversed();
}
