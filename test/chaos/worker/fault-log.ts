import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultName } from '../options';

/**
 * What has happened, kept as files that processes share and that survive their death: a fault strikes once, whichever
 * worker meets it, and only what really happened is counted.
 */
export class FaultLog {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  /**
   * Takes a thing for oneself. @returns whether nobody had.
   * @param dueMs the time, in epoch milliseconds, until which it may still have an effect.
   */
  claim(name: string, dueMs = 0): boolean {
    return this.create(`claim ${name}`, String(dueMs));
  }

  /** Counts a fault that has struck. Counting the same thing again changes nothing. */
  fired(fault: FaultName, name: string): void {
    this.create(`fired ${fault} ${name}`, '');
  }

  count(fault: FaultName): number {
    return this.names(`fired ${fault} `).length;
  }

  /** Says that a service works again. */
  repair(name: string): void {
    this.create(`repaired ${name}`, '');
  }

  isRepaired(name: string): boolean {
    return existsSync(join(this.directory, `repaired ${name}`));
  }

  /** When the last of what was claimed is over, in epoch milliseconds. */
  lastDue(): number {
    const dues = this.names('claim ').map((name) => Number(readFileSync(join(this.directory, name), 'utf8')));
    return dues.reduce((last, due) => Math.max(last, due), 0);
  }

  private names(prefix: string): string[] {
    return readdirSync(this.directory).filter((name) => name.startsWith(prefix));
  }

  private create(name: string, content: string): boolean {
    try {
      const file = openSync(join(this.directory, name), 'wx');
      writeSync(file, content);
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    }
  }
}
