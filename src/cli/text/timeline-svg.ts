import type { SagaReport } from '../../saga';
import { durationText } from '../../view/duration';
import { spansOf } from '../../view/spans';

const ROW = 26;
const NAMES = 220;
const BARS = 560;
const ENDS = 220;
const TOP = 44;

const STYLE = [
  'svg{font:13px system-ui,sans-serif;background:#fff}text{fill:#1f2328}.end{fill:#59636e}',
  '.action{fill:#2da44e}.compensation{fill:#bf8700}.running{fill-opacity:.45}.stuck,.unknown,.refused{fill:#cf222e}',
  '@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#f0f6fc}.end{fill:#9198a1}}',
].join('');

/** The steps of a saga as bars over its time, as one SVG document. @param now in epoch milliseconds. */
export function timelineSvg(report: SagaReport, now: number): string {
  const { from, to, steps } = spansOf(report, now);
  const x = (time: number) => NAMES + ((time - from) / Math.max(to - from, 1)) * BARS;
  const rows = steps.map(({ step, spans }, index) => {
    const y = TOP + index * ROW;
    const bars = spans.map((span) => {
      const trouble =
        span.kind === 'action' && step.failure ? ` ${step.state === 'refused' ? 'refused' : 'unknown'}` : '';
      const width = Math.max(2, x(span.to) - x(span.from));
      const title = `${span.kind} of ${step.name}: ${durationText(span.to - span.from)}`;
      return `<rect class="${span.kind}${trouble}${span.ended ? '' : ' running'}" x="${x(span.from).toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="16" rx="2"><title>${escaped(title)}</title></rect>`;
    });
    const length = spans.map((span) => durationText(span.to - span.from)).join(' + ');
    return [
      `<text x="8" y="${y + 17}">${escaped(step.name)}</text>`,
      ...bars,
      `<text class="end" x="${NAMES + BARS + 12}" y="${y + 17}">${escaped(`${length} ${step.state}`)}</text>`,
    ].join('');
  });
  const [width, height] = [NAMES + BARS + ENDS, TOP + steps.length * ROW + 12];
  const title = `${report.sagaId} is ${report.status}, ${durationText(to - from)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style>`,
    `<text x="8" y="24" font-weight="600">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

/** What people wrote is text of the picture, and what XML has no character for is left out. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]/gu, '')
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
