import type { Command } from 'commander';
import type { Finding } from '../../client';
import { exitCodes } from '../output';
import type { Session } from '../session';

/** Adds `audit` to the command line: compares Temporal with the participants' records. */
export function addAuditCommand(program: Command, session: Session): void {
  program
    .command('audit')
    .description(
      'find the sagas whose effects are not all done or all undone; ' +
        `exits with ${exitCodes.findingsRemain} if findings remain; with --json prints one line per finding`,
    )
    .option('--rescue', 'rescue the sagas for which the advice is a rescue', false)
    .action(async ({ rescue }: { rescue: boolean }) => {
      const client = await session.auditor();
      let findings = 0;
      let rescued = 0;
      for await (const finding of client.audit({ rescue })) {
        findings += 1;
        if (finding.rescueId !== undefined) rescued += 1;
        session.printLine(finding, findingText(finding));
      }
      const remaining = findings - rescued;
      session.printLine({ findings, rescued, remaining }, summaryText(findings, rescued));
      if (remaining > 0) session.exitCode(exitCodes.findingsRemain);
    });
}

function findingText({ sagaId, code, effects, advice, message, rescueId }: Finding): string {
  const remaining = effects.map(
    ({ participant, step, kind }) => `${participant}/${step} (${kind ?? 'unknown kind'})`,
  );
  return [
    `${sagaId}  ${code}  advice: ${advice}`,
    `  ${message}`,
    ...(remaining.length > 0 ? [`  effects: ${remaining.join(', ')}`] : []),
    ...(rescueId === undefined ? [] : [`  rescued by ${rescueId}`]),
  ].join('\n');
}

function summaryText(findings: number, rescued: number): string {
  if (findings === 0) return 'no findings: every saga that has ended is all done or all undone';
  return `${findings} findings, ${rescued} being rescued, ${findings - rescued} remaining`;
}
