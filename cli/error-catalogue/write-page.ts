import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { retriedByText, type ErrorSection } from '../../src/errors';
import { catalogue } from './catalogue';

const path = 'docs/errors.md';

/** `npm run docs:errors`: replaces the tables of docs/errors.md with the catalogue, and keeps the text around them. */
function main(): void {
  const page = catalogue.reduce(withTable, readFileSync(path, 'utf8'));
  writeFileSync(path, page);
  execFileSync('node_modules/.bin/prettier', ['--write', '--log-level', 'warn', path]);
}

/** The page with the table under the section's heading replaced, or with the section at its end. */
function withTable(page: string, { title, entries }: ErrorSection): string {
  const rows = Object.entries(entries).map(
    ([code, { from, meaning, retriedBy, remedy }]) =>
      `| \`${code}\` | ${from} | ${meaning} | ${retriedByText[retriedBy]} | ${remedy} |`,
  );
  const table = `${['| code | from | meaning | retried | what to do |', '|---|---|---|---|---|', ...rows].join('\n')}\n`;
  const section = page.indexOf(`## ${title}\n`);
  if (section < 0) return `${page}\n## ${title}\n\n${table}`;
  const start = page.indexOf('\n| code', section) + 1;
  const end = /\n(?!\|)/.exec(page.slice(start))?.index ?? page.length;
  return page.slice(0, start) + table + page.slice(start + end + 1);
}

main();
