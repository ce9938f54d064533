import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandError } from '../command-error';
import type { Session } from '../session';

/** Adds `history …` to the command line. */
export function addHistoryCommands(program: Command, session: Session): void {
  program
    .command('history')
    .description('the event history of a saga')
    .command('export')
    .description('write the history of a run as JSON, as a replay test and the Temporal Web UI read it')
    .argument('<saga-id>', 'the workflow id')
    .option('--run <run-id>', 'an earlier run; by default the latest')
    .option('--out <file>', 'the file to write; by default standard output')
    .action(async (sagaId: string, { run, out }: { run?: string; out?: string }) => {
      const history = await (await session.client()).history(sagaId, run);
      if (out === undefined) {
        process.stdout.write(`${history}\n`);
        return;
      }
      write(out, history);
      session.print({ sagaId, file: out }, `the history of ${sagaId} is in ${out}`);
    });
}

/** @throws CommandError `FILE_NOT_WRITTEN` */
export function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new CommandError(
      'FILE_NOT_WRITTEN',
      `${file} cannot be written: ${(cause as Error).message}`,
      'Name another file.',
      {
        cause,
      },
    );
  }
}
