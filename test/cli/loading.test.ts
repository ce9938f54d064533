import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';

const script = `
  require(${JSON.stringify(join(projectRoot, 'src/cli/main.ts'))});
  process.on('exit', () => console.log(Object.keys(require.cache).join('\\n')));
`;

test('a command loads neither webpack and the core of the SDK, which only workers and bundle need, nor a web server', () => {
  const loaded = execFileSync(
    process.execPath,
    ['--require', 'tsx/cjs', '--eval', script, 'unwind', 'errors', 'KEY_CONFLICT'],
    {
      cwd: projectRoot,
      encoding: 'utf8',
    },
  );
  const packages = new Set(
    [...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/\n]+)/g)].map(([, name]) => name),
  );
  expect(packages).toContain('@temporalio/client');
  for (const heavy of ['@temporalio/worker', '@temporalio/core-bridge', 'webpack', 'hono'])
    expect(packages).not.toContain(heavy);
});
