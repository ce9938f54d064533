import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../dev/home';

/** What the package exports, as package.json names it, by the module that declares it. */
const packages = ['saga', 'participant', 'client', 'worker', 'testing', 'alerts', 'cli'];

interface Exported {
  readonly name: string;
  readonly file: string;
}

function exportsOf(index: string): Exported[] {
  const text = readFileSync(index, 'utf8');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)';$/gms)].flatMap(
    ([, names = '', from = '']) =>
      names
        .split(',')
        .map((name) =>
          name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*$/, ''),
        )
        .filter((name) => name !== '')
        .map((name) => ({ name, file: join(dirname(index), `${from}.ts`) })),
  );
}

/** Whether a comment ends just above the declaration. */
function isDocumented({ name, file }: Exported): boolean {
  const lines = readFileSync(file, 'utf8').split('\n');
  const declaration = new RegExp(
    `^export (declare )?(async )?(abstract )?(function\\*?|const|class|interface|type) ${name}\\b`,
  );
  const at = lines.findIndex((line) => declaration.test(line));
  return at > 0 && (lines[at - 1] ?? '').trimEnd().endsWith('*/');
}

describe('every public symbol says what it means', () => {
  test.each(packages)('unwind/%s', (name) => {
    const all = exportsOf(join(projectRoot, 'src', name, 'index.ts'));
    expect(all.length).toBeGreaterThan(4);
    expect(all.filter((one) => !isDocumented(one)).map((one) => one.name)).toEqual([]);
  });
});
