import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { anyPort } from '../../dev/ports';
import { Supervisor } from '../../dev/supervisor';
import { startTemporal } from '../../dev/temporal-server';
import { KillableServer } from '../chaos/system/killable-server';
import { plugins } from '../support/temporal';

/** A Temporal server with its state on disk. The caller ends it. */
export interface KillableTemporal {
  readonly server: KillableServer<unknown>;
  readonly address: string;
  /** @returns what finds the server again after a restart; the caller tears it down. */
  connect(): Promise<TestWorkflowEnvironment>;
  close(): Promise<void>;
}

export async function startKillableTemporal(): Promise<KillableTemporal> {
  const home = mkdtempSync(join(tmpdir(), 'unwind-killable-'));
  const supervisor = new Supervisor();
  const executable = process.env['UNWIND_TEMPORAL_CLI'] ?? '';
  const [port, uiPort] = [await anyPort(), await anyPort()];
  const logFile = join(home, 'temporal.log');
  const { server, place } = await KillableServer.start('Temporal', supervisor, (start) =>
    startTemporal({
      ...{ executable, home, port, uiPort, logFile, start },
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      signal: supervisor.signal,
    }),
  );
  return {
    server,
    address: place.address,
    connect: () => TestWorkflowEnvironment.createFromExistingServer({ address: place.address, plugins }),
    close: async () => {
      await supervisor.stop();
      rmSync(home, { recursive: true });
    },
  };
}
