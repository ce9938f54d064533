import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderChart } from './chart';
import type { Origin, Result } from './result';
import { renderResult } from './text';

const docs = join(__dirname, '../../docs');

/** Puts a result into a page of docs/, and its chart beside it. @param page without `.md` */
export async function writePage(page: string, result: Result): Promise<void> {
  const { contenders } = result;
  await writeMeasured(`${page}.md`, `npm run bench -- --docs ${page}`, result, [
    `![Orders a second under load](pictures/${page}.svg)`,
    '',
    '| contender | what it is |',
    '| --- | --- |',
    ...Object.entries(contenders).map(([name, { about }]) => `| \`${name}\` | ${about} |`),
    '',
    renderResult(result),
  ]);
  writeFileSync(join(docs, `pictures/${page}.svg`), renderChart(contenders));
}

/** Writes the part of a page that is measured; what people wrote above it stays. @param command writes that part */
export async function writeMeasured(
  page: string,
  command: string,
  { date, command: ran, machine, versions }: Origin,
  lines: readonly string[],
): Promise<void> {
  const path = join(docs, page);
  const mark = `<!-- Below: written by ${command} -->`;
  const [written = ''] = readFileSync(path, 'utf8').split(mark);
  const named = Object.entries(versions).map(([name, version]) => `${name}: ${version}`);
  const parts = [
    written.trimEnd(),
    '',
    mark,
    '',
    `Measured on ${date} by \`${ran}\` on ${machine}. ${named.join('. ')}.`,
    '',
    ...lines,
    '',
  ];
  const options = await resolveConfig(path);
  writeFileSync(path, await format(parts.join('\n'), { ...options, parser: 'markdown' }));
}
