import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../cli/error-catalogue/catalogue';
import { retriedByText } from '../../src/errors';
import type { ErrorEntry } from '../../src/errors/entry';
import { projectRoot } from '../../dev/home';

/** Each row of the page's tables, without the padding that only the format gives it. */
function rowsOf(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replace(/\s*\|\s*/g, '|'));
}

function rowOf(code: string, { from, meaning, retriedBy, remedy }: ErrorEntry): string {
  return `|\`${code}\`|${from}|${meaning}|${retriedByText[retriedBy]}|${remedy}|`;
}

function filesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => join(folder, name)),
  );
}

const codes = catalogue.flatMap(({ entries }) => Object.keys(entries));

const sources = filesIn('src', 'workflows', 'activities', 'workers', 'services', 'cli', 'dev').filter(
  (file) => !file.startsWith(join('cli', 'error-catalogue')),
);

describe('the catalogue of errors', () => {
  test('is what docs/errors.md says, row by row and in the same order', () => {
    const page = readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8');
    const expected = catalogue.flatMap(({ entries }) =>
      Object.entries(entries).map(([code, entry]) => rowOf(code, entry)),
    );
    expect(rowsOf(page)).toEqual(expected);
    expect(page.match(/^## .*/gm)).toEqual(catalogue.map(({ title }) => `## ${title}`));
  });

  test('has no code twice', () => {
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test('has every code that the source gives as a text, whether it is typed or not', () => {
    const given =
      /(?:\bnew \w*(?:Error|Refusal|Failure)|\b\w*[rR]e(?:fusal|jection|fuse)|\w+Failure|\.nonRetryable)\(\s*(?:[^'()]*,\s*)?'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g;
    const found = sources.flatMap((file) =>
      [...readFileSync(join(projectRoot, file), 'utf8').matchAll(given)].map(
        ([, code]) => `${code} in ${file}`,
      ),
    );
    expect(found.length).toBeGreaterThan(50);
    expect(found.filter((each) => !codes.includes(each.split(' ')[0] ?? ''))).toEqual([]);
  });

  test('has no code that no source names', () => {
    const text = sources.map((file) => readFileSync(join(projectRoot, file), 'utf8')).join('\n');
    expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
  });
});
