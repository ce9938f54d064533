import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU times of other processes in hundredths of a second; the kernel's own clock does not matter. */
const MS_PER_TICK = 10;

/** User and system time of a process, of those that it started, and of theirs, in milliseconds. Linux only. */
export function cpuMsOfTree(root: number): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = new Map(
    processes.flatMap((pid) => {
      const stat = statOf(Number(pid));
      return stat ? [[Number(pid), stat] as const] : [];
    }),
  );
  let ticks = 0;
  for (const [pid, { own, ofEnded }] of stats) {
    let at = pid;
    while (at !== root && at > 1) at = stats.get(at)?.parent ?? 0;
    if (at === root) ticks += own + ofEnded;
  }
  return ticks * MS_PER_TICK;
}

function statOf(pid: number) {
  try {
    // The name of the command may hold blanks and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return { parent, own: user + system, ofEnded: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}
