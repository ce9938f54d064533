import { expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';
import { mutants } from './mutants';
import { runTests } from './tests-of';

test('a run that finds no test did not run: no mutant is killed by it', async () => {
  expect(await runTests(projectRoot, 'test/saga/none', process.env)).toBe('did not run');
});

test('arguments of jest are arguments, not a part of the path', async () => {
  expect(await runTests(projectRoot, 'test/saga/ledger -t S3', process.env)).toBe('passed');
  for (const { tests } of mutants) expect(tests).toMatch(/^test\/\S+( -t \S+)?$/);
});
