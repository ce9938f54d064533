import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { trip } from '../../examples/trip/contract';
import { TripSystem } from '../examples/trip-system';
import { unwind, unwindJson } from '../support/unwind';

/** A saga of somebody else's, with a saga as a step, as the command line shows it. */

let system: TripSystem;
let sagaId: string;
beforeAll(async () => {
  system = await TripSystem.start();
  const { request } = await system.tripTo({});
  sagaId = (await system.client.start(trip, request)).sagaId;
  await system.client.waitForClose(sagaId);
});
afterAll(() => system.stop());

const time = z.iso.datetime();
const line = z.object({
  sagaId: z.string(),
  runId: z.string(),
  workflow: z.string(),
  state: z.string(),
  startedAt: time,
  closedAt: time,
});
const step = z.object({
  name: z.string(),
  kind: z.enum(['compensatable', 'irreversible', 'pivot', 'retriable', 'read-only']),
  participant: z.string(),
  state: z.string(),
  startedAt: time,
  settledAt: time,
});
const documents = {
  list: z.array(line),
  show: line.extend({
    report: z.object({ sagaId: z.string(), status: z.literal('completed'), steps: z.array(step) }),
    pending: z.array(z.unknown()),
  }),
  timeline: z.object({ from: z.number(), to: z.number(), steps: z.array(z.object({ step })) }),
  diagram: z.object({ sagaId: z.string(), mermaid: z.string() }),
  preview: z.object({ canUnwind: z.literal(false), waves: z.array(z.unknown()).length(0) }),
  stats: z.object({
    counts: z.record(z.string(), z.number()),
    ended: z.array(z.object({ state: z.string(), count: z.number(), p50: z.number(), p95: z.number() })),
    stuck: z.array(z.unknown()),
    steps: z.array(z.object({ step: z.string(), count: z.number(), p50: z.number(), p95: z.number() })),
  }),
};

test('a program gets documents of a form that does not change', async () => {
  const commands: [keyof typeof documents, ...string[]][] = [
    ['list', '--saga', trip.workflow],
    ['show', sagaId],
    ['timeline', sagaId],
    ['diagram', sagaId],
    ['preview', sagaId],
    ['stats', '--saga', trip.workflow],
  ];
  for (const [name, ...args] of commands) {
    const { error } = documents[name].safeParse(await unwindJson(system.env.address, name, ...args));
    expect({ name, problems: error && z.prettifyError(error) }).toEqual({ name, problems: undefined });
  }
});

test('a person sees every step, also those of the same name, and the saga that is a step', async () => {
  const { out } = await unwind(system.env.address, 'show', sagaId);
  const shown = out
    .split('\n')
    .filter((row) => row.startsWith('│'))
    .map((row) => row.split('│').map((cell) => cell.trim()))
    .map(([, name, state]) => `${name} ${state}`);
  expect(shown.slice(1)).toEqual([
    'find-flights succeeded',
    'book-seat succeeded',
    'book-seat#2 succeeded',
    'book-seat#3 succeeded',
    'book-stay succeeded',
    'pay-trip succeeded',
    'issue-ticket succeeded',
    'issue-ticket#2 succeeded',
    'issue-ticket#3 succeeded',
  ]);
  const nested = await unwind(system.env.address, 'show', `${sagaId}.book-stay`);
  expect(nested.out).toContain(`${sagaId}.book-stay is completed (bookStay,`);
  expect(nested.out).toContain('book-room');
});

test.each([
  ['show', 'nobody', 'SAGA_NOT_FOUND'],
  ['cancel', '', 'SAGA_ENDED'],
  ['desk retry', '', 'SAGA_ENDED'],
  ['timeline', '', 'FILE_NOT_WRITTEN'],
  ['list', '', 'INVALID_ARGUMENT'],
] as const)('%s fails with its code', async (command, id, code) => {
  const signed = ['pay-trip', '--actor', 'grace', '--reason', 'why'];
  const args: Record<string, string[]> = {
    show: ['show', id],
    cancel: ['cancel', sagaId],
    'desk retry': ['desk', 'retry', sagaId, ...signed],
    timeline: ['timeline', sagaId, '--svg', '/nowhere/trip.svg'],
    list: ['list', '--state', 'lost'],
  };
  expect(await unwind(system.env.address, ...(args[command] ?? []))).toMatchObject({
    code: 1,
    err: expect.stringMatching(new RegExp(`^${code}: `)) as unknown,
  });
});

test('a server that is not there is named, and nothing hangs', async () => {
  const { code, err } = await unwind('127.0.0.1:1', 'show', sagaId);
  expect({ code, err: err.split(':')[0] }).toEqual({ code: 1, err: 'TEMPORAL_UNREACHABLE' });
});
