import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';

/** The project that docs/writing-a-saga.md describes, in a directory of its own inside this one. */
export interface GuideProject {
  readonly directory: string;
  readonly files: readonly string[];
  remove(): void;
}

/**
 * Writes the files of the guide, and makes `unwind/…` resolve as it does for who has installed the package, but to the
 * sources: the package's exports point to what is built.
 */
export function writeGuideProject(): GuideProject {
  const home = join(projectRoot, '.unwind');
  mkdirSync(home, { recursive: true });
  const directory = mkdtempSync(join(home, 'guide-'));
  const files = filesOf(readFileSync(join(projectRoot, 'docs/writing-a-saga.md'), 'utf8'));
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'registrations', private: true }));
  const installed = join(directory, 'node_modules/unwind');
  mkdirSync(installed, { recursive: true });
  symlinkSync(join(projectRoot, 'src'), join(installed, 'src'));
  writeFileSync(
    join(installed, 'package.json'),
    JSON.stringify({ name: 'unwind', exports: sourcesOfExports() }),
  );
  return {
    directory,
    files: [...files.keys()],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The code blocks whose first line is a comment with a file's name. */
function filesOf(guide: string): Map<string, string> {
  const blocks = guide.matchAll(/^```\w+\n(\/\/ (\S+\.\w+)\n[^]*?)^```$/gm);
  return new Map([...blocks].map(([, text = '', name = '']) => [name, text]));
}

function sourcesOfExports(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  return Object.fromEntries(
    Object.entries(exports).map(([path, { default: built }]) => [
      path,
      built.replace(/^\.\/dist\//, './').replace(/\.js$/, '.ts'),
    ]),
  );
}
