import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as TemporalWorker from '@temporalio/worker';
import type { Command } from 'commander';
import type * as UnwindWorker from '../../worker';
import { CommandError } from '../command-error';
import { replace } from '../files';
import type { Session } from '../session';

/** Adds `bundle` to the command line. Needs no server. */
export function addBundleCommand(program: Command, session: Session): void {
  program
    .command('bundle')
    .description(
      'bundle workflows ahead of time, for ORCHESTRATOR_WORKFLOW_BUNDLE of workers that have the same packages',
    )
    .argument('<workflows>', 'the file or directory that exports the workflows')
    .argument('<file>', 'the file to write; one that exists is replaced')
    .action(async (workflows: string, file: string) => {
      const code = await bundle(resolve(workflows));
      replace(file, code);
      const bytes = Buffer.byteLength(code);
      session.print(
        { workflows, file, bytes },
        `the workflows of ${workflows} are in ${file} (${(bytes / 1e6).toFixed(1)} MB)`,
      );
    });
}

async function bundle(workflowsPath: string): Promise<string> {
  if (!existsSync(workflowsPath)) {
    const message = `${workflowsPath} does not exist.`;
    throw new CommandError(
      'INPUT_INVALID',
      message,
      'Name the file or directory that exports the workflows.',
    );
  }
  // Loaded for this command alone: webpack and the SDK's core take longer than most commands.
  const { DefaultLogger } = require('@temporalio/worker') as typeof TemporalWorker;
  const { bundleSagas } = require('../../worker') as typeof UnwindWorker;
  const said: string[] = [];
  const logger = new DefaultLogger('ERROR', ({ message }) => void said.push(message));
  try {
    return (await bundleSagas({ workflowsPath, logger })).code;
  } catch (cause) {
    const reasons = errorsOf(said.join('\n'));
    const message = `${workflowsPath} cannot be bundled:\n${reasons || (cause as Error).message}`;
    throw new CommandError('BUNDLE_FAILED', message, 'Correct the code of the workflows.', { cause });
  }
}

/** The first lines of each error in what webpack says. The rest is where it looked, and what it made. */
function errorsOf(said: string): string {
  const errors = said.split(/\n(?=ERROR in )/).slice(1);
  return errors.map((error) => error.split('\n').slice(0, 8).join('\n').trimEnd()).join('\n');
}
