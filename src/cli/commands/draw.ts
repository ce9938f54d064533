import type { Command } from 'commander';
import { readDefinitionMap } from '../../view/definition-map';
import { workflow } from '../arguments';
import { CommandError } from '../command-error';
import { write } from '../files';
import type { Session } from '../session';
import { mermaidOf, mermaidOfDefinition } from '../text/mermaid';
import { spansOf } from '../../view/spans';
import { timelineText } from '../text/timeline';
import { timelineSvg } from '../text/timeline-svg';

/** Adds the commands that draw a saga. */
export function addDrawCommands(program: Command, session: Session): void {
  program
    .command('timeline')
    .description('draw when the actions and compensations of a saga ran')
    .argument('<saga-id>', 'the workflow id')
    .option('--svg <file>', 'write it as an SVG file instead')
    .action(async (sagaId: string, { svg }: { svg?: string }) => {
      const report = await (await session.client()).report(sagaId);
      const now = Date.now();
      if (svg === undefined) session.print(spansOf(report, now), timelineText(report, now, session.columns));
      else {
        write(svg, timelineSvg(report, now));
        session.print({ sagaId, file: svg }, `the timeline of ${sagaId} is in ${svg}`);
      }
    });

  program
    .command('diagram')
    .description(
      'draw what happened in a saga, or how the latest sagas of a definition went, as a Mermaid flowchart',
    )
    .argument('[saga-id]', 'the workflow id')
    .option('--saga <workflow>', 'instead of one saga: a definition, by the name of its workflow', workflow)
    .action(async (sagaId: string | undefined, { saga }: { saga?: string }) => {
      if ((sagaId === undefined) === (saga === undefined))
        throw new CommandError('INVALID_ARGUMENT', 'diagram takes a saga id or --saga', 'Name one of them.');
      const client = await session.client();
      const mermaid =
        saga === undefined
          ? mermaidOf(await client.report(sagaId ?? ''))
          : mermaidOfDefinition(await readDefinitionMap(client, saga));
      session.print({ ...(sagaId === undefined ? { saga } : { sagaId }), mermaid }, mermaid.trimEnd());
    });
}
