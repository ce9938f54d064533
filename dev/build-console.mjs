/**
 * Bundles the page of the console: `node dev/build-console.mjs [outdir]`, by default into `src/console/page`. Writes `index.html`,
 * `app.js`, `app.css`, and `licenses.txt` with the licenses of what is bundled.
 */
import { build } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src', 'console', 'ui');

/** @param outdir where the page is written. */
export async function buildPage(outdir = join(root, 'src', 'console', 'page')) {
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(sources, 'main.tsx'), out: 'app' },
      { in: join(sources, 'styles', 'app.css'), out: 'app' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    tsconfig: join(sources, 'tsconfig.json'),
  });
  writeFileSync(join(outdir, 'licenses.txt'), licensesOf(Object.keys(metafile.inputs)));
  copyFileSync(join(sources, 'index.html'), join(outdir, 'index.html'));
}

/** @param inputs the bundled files, relative to the root. */
function licensesOf(inputs) {
  const found = inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
  const packages = [...new Set(found)];
  return packages
    .map((folder) => {
      const file = join(root, folder, 'LICENSE');
      if (!existsSync(file)) throw new Error(`${folder} has no file LICENSE: add its license by hand`);
      return `${folder.slice('node_modules/'.length)}\n\n${readFileSync(file, 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildPage(process.argv[2] && resolve(process.argv[2]));
