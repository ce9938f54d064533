import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderChart } from './chart';
import type { Result } from './result';
import { renderResult } from './text';

const docs = join(__dirname, '../../docs');
const page = join(docs, 'performance.md');

/** What a run of the benchmark writes: all below this line. */
const MEASURED = '<!-- Below: written by npm run bench -- --docs -->';

/** Puts a result into docs/performance.md and its chart; what people wrote above stays. */
export async function writePage(result: Result): Promise<void> {
  const [written = ''] = readFileSync(page, 'utf8').split(MEASURED);
  const { date, command, machine, versions, contenders } = result;
  const parts = [
    written.trimEnd(),
    '',
    MEASURED,
    '',
    `Measured on ${date} by \`${command}\` on ${machine}. ${Object.entries(versions)
      .map(([name, version]) => `${name}: ${version}`)
      .join('. ')}.`,
    '',
    '![Orders a second under load](pictures/performance.svg)',
    '',
    '| contender | what it is |',
    '| --- | --- |',
    ...Object.entries(contenders).map(([name, { about }]) => `| \`${name}\` | ${about} |`),
    '',
    renderResult(result),
    '',
  ];
  const options = await resolveConfig(page);
  writeFileSync(page, await format(parts.join('\n'), { ...options, parser: 'markdown' }));
  writeFileSync(join(docs, 'pictures/performance.svg'), renderChart(contenders));
}
