import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { projectRoot } from '../../dev/home';
import { localServer } from '../support/temporal';

const page = readFileSync(join(projectRoot, 'docs/operating.md'), 'utf8');
const links = [...page.matchAll(/\| \[`(.+?)`\]\(.*?\?query=(.+?)\) +\|/g)].map(
  ([, query = '', encoded = '']) => ({
    query,
    linked: decodeURIComponent(encoded),
  }),
);

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await localServer();
});
afterAll(() => env.teardown());

test('docs/operating.md links to lists of the Web UI', () => {
  expect(links.length).toBeGreaterThan(4);
});

test.each(links)('the link of $query is that filter, and the server takes it', async ({ query, linked }) => {
  expect(linked).toBe(query);
  await expect(env.client.workflow.count(query)).resolves.toMatchObject({ count: 0 });
});
