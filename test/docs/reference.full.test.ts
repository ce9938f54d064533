import { expect, test } from '@jest/globals';
import { failureOf } from './failure-of';

test('the reference builds without a warning: every type that a signature names is exported', async () => {
  const typedoc = ['api/node_modules/typedoc/bin/typedoc', '--options', 'api/typedoc.json'];
  expect(await failureOf(...typedoc, '--emit', 'none')).toBeUndefined();
});
