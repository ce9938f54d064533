import type { Command } from 'commander';
import { write } from '../files';
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
