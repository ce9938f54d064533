import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const historiesDirectory = join(__dirname, '../histories');

/**
 * Stores a workflow's history as it is now, when `UNWIND_RECORD_HISTORIES` is set; else does nothing. What tells of
 * the machine that recorded it (stacks, identities) is left out.
 */
export function recordHistory(env: TestWorkflowEnvironment, workflowId: string, name: string): void {
  const { UNWIND_RECORD_HISTORIES, UNWIND_TEMPORAL_CLI } = process.env;
  if (!UNWIND_RECORD_HISTORIES) return;
  const shown = execFileSync(
    UNWIND_TEMPORAL_CLI ?? 'temporal',
    ['workflow', 'show', '--address', env.address, '--workflow-id', workflowId, '--output', 'json'],
    { encoding: 'utf8' },
  );
  const json = JSON.stringify(JSON.parse(shown), (key, value: unknown) => {
    if (key === 'stackTrace') return undefined;
    if (key === 'identity') return 'recorded';
    // A worker's own queue is called after its process and host.
    return typeof value === 'string' ? value.replace(/^\d+@.*/, 'sticky') : value;
  });
  writeFileSync(join(historiesDirectory, `${name}.json`), `${json}\n`);
}
