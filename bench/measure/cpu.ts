import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU times of other processes in hundredths of a second; the kernel's own clock does not matter. */
const MS_PER_TICK = 10;

/** User and system time of a process, of those that it started, and of theirs, in milliseconds. Linux only. */
function cpuMsOfTree(root: number): number {
  return treeOf(root).reduce((sum, { own, ofEnded }) => sum + own + ofEnded, 0) * MS_PER_TICK;
}

/** {@link cpuMsOfTree} of several processes, by their names. */
export function cpuMsOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOfTree(pid)]));
}

/**
 * Memory of a process, of those that it started, and of theirs, in bytes: what each has for itself, so what Postgres's processes share is
 * left out. Linux only.
 */
export function memoryOfTree(root: number): number {
  return treeOf(root).reduce((sum, { pid }) => sum + ownMemoryOf(pid), 0);
}

function treeOf(root: number) {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = new Map(
    processes.flatMap((pid) => {
      const stat = statOf(Number(pid));
      return stat ? [[Number(pid), { pid: Number(pid), ...stat }] as const] : [];
    }),
  );
  return [...stats.values()].filter(({ pid }) => {
    let at = pid;
    while (at !== root && at > 1) at = stats.get(at)?.parent ?? 0;
    return at === root;
  });
}

function ownMemoryOf(pid: number): number {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1_024;
  } catch {
    return 0;
  }
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
