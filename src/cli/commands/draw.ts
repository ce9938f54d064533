import type { Command } from 'commander';
import { write } from '../files';
import type { Session } from '../session';
import { mermaidOf } from '../text/mermaid';
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
    .description('draw what happened in a saga as a Mermaid flowchart')
    .argument('<saga-id>', 'the workflow id')
    .action(async (sagaId: string) => {
      const mermaid = mermaidOf(await (await session.client()).report(sagaId));
      session.print({ sagaId, mermaid }, mermaid.trimEnd());
    });
}
