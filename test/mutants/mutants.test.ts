import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import { mutants } from './mutants';

test.each(mutants)('the mutant "$name" ($rule) fits the code: npm run test:mutants can run it', (mutant) => {
  const code = readFileSync(join(projectRoot, mutant.file), 'utf8');
  expect(code.split(mutant.find)).toHaveLength(2);
});
