import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { BenchServers } from '../servers/servers';
import type { Origin } from './result';

/** Here and now. @param command that measures, with its arguments */
export function originOf(command: string, { description }: BenchServers): Origin {
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions: {
      Node: process.versions.node,
      Temporal: description,
      '@temporalio/worker': versionOf('@temporalio/worker'),
    },
  };
}

function versionOf(name: string): string {
  const manifest = readFileSync(require.resolve(`${name}/package.json`), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
