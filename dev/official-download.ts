import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The version of the Temporal CLI (and of the server inside) that Unwind is tested with. */
export const temporalVersion = '1.9.1';

/** Where Temporal publishes its CLI, each release with the checksums of its archives. */
export const officialReleases = 'https://github.com/temporalio/cli/releases/download';

const firstByteWithinMs = 5_000;
const archiveWithinMs = 600_000;

/**
 * Downloads the official Temporal CLI and checks it against the release's checksums. The first request is the short
 * one, so a host that cannot be reached costs seconds, not minutes.
 * @returns the path of the executable in `directory`.
 * @throws Error with the reason.
 */
export async function fetchOfficial(
  releases: string,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const machine = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const archive = `temporal_cli_${temporalVersion}_${machine}.tar.gz`;
  const release = `${releases}/v${temporalVersion}`;
  const checksums = (await get(`${release}/checksums.txt`, firstByteWithinMs, signal)).toString('utf8');
  const line = checksums.split('\n').find((each) => each.trim().endsWith(archive));
  if (line === undefined) throw new Error(`the release has no ${archive}`);

  const content = await get(`${release}/${archive}`, archiveWithinMs, signal);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (!line.startsWith(sha256))
    throw new Error(`${archive} has SHA-256 ${sha256}; its release says: ${line}`);

  const file = join(directory, archive);
  writeFileSync(file, content);
  await promisify(execFile)('tar', ['-xzf', file, '-C', directory, 'temporal']);
  return join(directory, 'temporal');
}

async function get(url: string, withinMs: number, signal: AbortSignal): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(`${new URL(url).host}: ${reason}`, { cause: error });
  }
}
