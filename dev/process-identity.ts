import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that is known by more than its number, which the system gives to another process later on. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly command: string;
}

/** The command line of a live process; undefined when there is no such process, or it has ended. */
export function commandLine(pid: number): string | undefined {
  try {
    const command =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    return command.trim() || undefined;
  } catch {
    // Both ways fail when the process does not exist, which is the question here.
    return undefined;
  }
}

/** The identity of a process; of one that has ended, an identity that is never alive. */
export function identify(pid: number): ProcessIdentity {
  return { pid, command: commandLine(pid) ?? '' };
}

/**
 * Whether the very process still runs. This process itself never counts: its number in a file of an earlier run is a
 * number used again, as happens at every start of a container.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.pid !== process.pid && commandLine(identity.pid) === identity.command;
}
