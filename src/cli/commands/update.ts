import type { UpdateDefinition } from '@temporalio/common';
import type { Command } from 'commander';
import { type Json, json } from '../arguments';
import type { Session } from '../session';

/** Adds `update` to the command line. */
export function addUpdateCommand(program: Command, session: Session): void {
  program
    .command('update')
    .description('send an Update that the saga declares, such as an approval, and print its answer')
    .argument('<saga-id>', 'the workflow id')
    .argument('<name>', 'the name of the Update')
    .argument('[json]', 'its argument', json, { value: null })
    .action(async (sagaId: string, name: string, { value }: Json) => {
      const update = { type: 'update', name } as UpdateDefinition<unknown, [unknown]>;
      const answer = await (await session.client()).update(sagaId, update, value);
      session.print(
        { sagaId, update: name, answer },
        `${sagaId}: ${name}: ${JSON.stringify(answer) ?? 'done'}`,
      );
    });
}
