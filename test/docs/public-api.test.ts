import { expect, test } from '@jest/globals';
import { failureOf } from './failure-of';

test('the reports of the public API in api/ are current', async () => {
  expect(await failureOf('node_modules/tsx/dist/cli.mjs', 'api/reports.ts', '--check')).toBeUndefined();
});
