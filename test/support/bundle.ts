import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { bundleSagas } from '../../src/worker';
import { required } from './required';

/** Where a bundle is; a worker takes it as its `workflowBundle`. */
export interface TestBundle {
  readonly codePath: string;
}

/**
 * Bundles workflows once for all test files of a run.
 * @param workflowsPath an absolute path.
 */
export async function testBundle(workflowsPath: string): Promise<TestBundle> {
  const name = createHash('sha256').update(workflowsPath).digest('hex').slice(0, 16);
  const codePath = join(required('UNWIND_TEST_DIRECTORY'), `${name}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleSagas({ workflowsPath, logger: new DefaultLogger('WARN') });
  // Another test file may build the same bundle now, or read it: it must never see half of it.
  const unfinished = `${codePath}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, codePath);
  return { codePath };
}
