import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import type { SagaClient } from '../../src/client';
import { Harness } from '../saga/harness';
import { fail, type Program, pivot, retriable, run, seq, wait } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { startUnwind, unwind, unwindJson } from '../support/unwind';
import { until } from '../support/until';

let harness: Harness;
let address: string;
let directory: string;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  address = harness.env.address;
  directory = mkdtempSync(join(tmpdir(), 'unwind-cli-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await harness.stop();
});

const client = (): SagaClient => harness.client;
const inDirectory = (name: string) => join(directory, name);

async function start(sagaId: string, program: Program): Promise<void> {
  await client().start({ ...programSaga, idOf: () => sagaId }, program);
}

async function stuck(sagaId: string): Promise<void> {
  await until(`${sagaId} to be stuck`, async () => (await client().outcome(sagaId)).kind === 'stuck');
}

/** Times, durations and what is as wide as they are differ from run to run. */
function steady(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d+(\.\d+)? (ms|s|min)\b/g, 'TOOK')
    .replace(/ +│/g, ' │')
    .replace(/─+/g, '─')
    .replace(/[█▒░]+/g, ' ')
    .replace(/(?<=\S) {2,}(?=\S)/g, ' ');
}

describe('a saga that is stuck', () => {
  test('is found, understood and mended from what the commands print', async () => {
    const world = new World().script('do pay', 'permanent', 'permanent');
    await harness.withWorkers(world, async () => {
      await start('order 7', seq(run('hold'), pivot('pay'), retriable('ship')));
      await stuck('order 7');
      const listed = await unwind(address, 'desk', 'list');
      expect(steady(listed.out)).toBe(
        [
          '┌─┬─┬─┬─┬─┬─┐',
          '│ Saga │ Workflow │ State │ Reason │ Stuck step or problem │ Started │',
          '│ order 7 │ runProgram │ stuck │ │ pay │ TIME │',
          '└─┴─┴─┴─┴─┴─┘',
          '1 sagas',
          '',
        ].join('\n'),
      );
      const shown = await unwind(address, 'show', 'order 7');
      expect(shown.code).toBe(0);
      expect(steady(shown.out)).toContain('order 7 is stuck (runProgram, started TIME)\n');
      expect(steady(shown.out)).toMatch(
        /│ pay │ stuck │ world │ TIME │ │.*│ BROKEN: .*stuck since TIME, 1 rounds used up; next attempt at TIME │/,
      );
      const [retry, corrected, resolve] =
        shown.out.split('What you can do:\n')[1]?.trimEnd().split('\n') ?? [];
      expect(retry).toBe("  unwind desk retry 'order 7' pay --actor NAME --reason TEXT");
      expect(corrected).toBe("  unwind desk retry 'order 7' pay --actor NAME --reason TEXT --input JSON");
      expect(resolve).toBe("  unwind desk resolve 'order 7' pay --actor NAME --reason TEXT --output JSON");

      const signature = ['--actor', 'grace', '--reason', 'the bank is back'];
      expect(await unwind(address, 'desk', 'retry', 'order 7', 'hold', ...signature)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^UPDATE_REFUSED: DESK_NOT_STUCK: hold is not stuck\n/) as unknown,
      });
      expect(await unwind(address, 'desk', 'skip', 'order 7', 'pay', ...signature)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^CONFIRMATION_NEEDED: /) as unknown,
      });
      expect(await unwind(address, 'desk', 'retry', 'order 7', 'pay', ...signature)).toMatchObject({
        code: 0,
      });
      await until(
        'the retry to fail',
        async () => (await client().report('order 7')).steps[1]?.stuck?.rounds === 2,
      );
      await unwind(address, 'desk', 'retry', 'order 7', 'pay', ...signature);
      expect(await unwind(address, 'wait', 'order 7')).toEqual({
        code: 0,
        err: 'waiting until order 7 has ended\n',
        out: 'order 7 is completed\n  ["hold","pay","ship"]\n',
      });
      const after = await unwind(address, 'show', 'order 7');
      expect(steady(after.out)).toContain('  TIME retry pay by grace: the bank is back\n');
      expect(after.out).toContain("  unwind reverse 'order 7'\n");
    });
  });

  test('is shown with what the server knows while no worker of it is up', async () => {
    const world = new World().script('undo a', ...Array<'permanent'>(50).fill('permanent'));
    await harness.withWorkers(world, async () => {
      await start('left', seq(run('a'), fail('NO')));
      await stuck('left');
    });
    const { out } = await unwind(address, 'show', 'left');
    expect(steady(out)).toMatch(
      /^left is stuck \(runProgram, started TIME\)\n {2}no report: left did not answer within TOOK/,
    );
    expect(out).toContain('  reason: NO\n  stuck step: a\n');
    expect(out).toContain('start a worker of its task queue');
    const where = ['--where', "WorkflowId = 'left'", '--actor', 'grace', '--reason', 'why', '--yes'];
    expect(await unwind(address, 'bulk', 'retry', ...where)).toMatchObject({
      code: 2,
      out: expect.stringMatching(/^left {2}refused {2}left did not answer/) as unknown,
    });
    await harness.handle('left').terminate();
  });

  test('whose workflow task fails says why, and that a deployment is needed', async () => {
    await start('misbuilt', run('a'));
    const worker = await Worker.create({
      connection: harness.env.nativeConnection,
      taskQueue: programSaga.taskQueue,
      workflowsPath: require.resolve('../support/no-workflows'),
    });
    await worker.runUntil(async () => {
      await until(
        'its task to fail',
        async () => (await client().describe('misbuilt', 100)).state === 'task-failing',
        90_000,
      );
    });
    const { out } = await unwind(address, 'show', 'misbuilt');
    expect(out).toMatch(/^misbuilt is task-failing .*\n {2}its workflow task fails: .*runProgram/);
    expect(out).toContain('deploy workflow code that fits the history');
    await harness.handle('misbuilt').terminate();
  });
});

test('any Update of a saga is sent, and its answer or its refusal is shown', async () => {
  const world = new World().script('do pay', 'permanent');
  await harness.withWorkers(world, async () => {
    await start('updated', seq(pivot('pay')));
    await stuck('updated');
    const decision = { step: 'pay', actor: 'grace', reason: 'the bank is back' };
    expect(
      await unwind(address, 'update', 'updated', 'retryStep', JSON.stringify({ step: 'pay' })),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^UPDATE_REFUSED: DESK_INVALID: actor/) as unknown,
    });
    expect(
      await unwindJson(address, 'update', 'updated', 'retryStep', JSON.stringify(decision)),
    ).toMatchObject({
      sagaId: 'updated',
      update: 'retryStep',
      answer: { verb: 'retry', ...decision },
    });
    expect((await client().waitForClose('updated')).kind).toBe('completed');
    const log = await unwind(address, 'desk', 'log', '--where', "WorkflowId = 'updated'");
    expect(steady(log.out)).toBe('TIME updated retry pay by grace: the bank is back\n');
    expect(log.err).toBe('decisions: 1, sagas read: 1\n');
    expect(await unwind(address, 'update', 'updated', 'retryStep', '{')).toMatchObject({ code: 1 });
  });
});

describe('a saga that is followed', () => {
  test('is shown whenever it changes, and the exit code says how it ended', async () => {
    await harness.withWorkers(new World(), async () => {
      await start('followed', seq(run('a'), run('b'), wait('go'), fail('NO')));
      const following = startUnwind(address, ['show', 'followed', '--follow', '--json']);
      await until('b to be shown', () => following.said.out.includes('"b"'));
      await harness.handle('followed').signal('signal', 'go');
      const { code, out } = await following.ended;
      expect(code).toBe(2);
      const states = out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { state: string }).state);
      expect(states[0]).toBe('forward');
      expect(states.at(-1)).toBe('compensated');
      expect(new Set(out.split('\n')).size).toBe(out.split('\n').length);
    });
  });

  test.each([['wait'], ['show', '--follow']])('Ctrl-C ends %s, and not the saga', async (...args) => {
    await harness.withWorkers(new World(), async () => {
      const sagaId = `interrupted-${args[0]}`;
      await start(sagaId, wait('never'));
      const waiting = startUnwind(address, [args[0] ?? '', sagaId, ...args.slice(1)]);
      await until('the command to wait', () => `${waiting.said.out}${waiting.said.err}`.includes(sagaId));
      waiting.child.kill('SIGINT');
      expect(await waiting.ended).toMatchObject({
        code: 130,
        err: expect.stringContaining(`${sagaId} goes on`) as unknown,
      });
      expect((await client().outcome(sagaId)).kind).toBe('running');
    });
  });
});

describe('many sagas at once', () => {
  const ids = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  const bulk = (...args: string[]) =>
    unwind(
      address,
      'bulk',
      ...args,
      '--where',
      "WorkflowId STARTS_WITH 'many-'",
      '--actor',
      'grace',
      '--reason',
      'bank',
    );

  test('are counted first, retried, and each says what came of it', async () => {
    const world = new World();
    for (const step of ids) world.script(`undo ${step}`, 'permanent');
    world.script('undo many-3', 'permanent', 'permanent', 'permanent');
    await harness.withWorkers(world, async () => {
      for (const step of ids) await start(step, seq(run(step), fail('NO')));
      for (const sagaId of ids) await stuck(sagaId);
      await until(
        'visibility',
        async () => (await client().count({ where: "WorkflowId STARTS_WITH 'many-'" })).stuck === 12,
      );

      expect(await bulk('retry', '--dry-run')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/10 sagas\nand 2 more\n$/) as unknown,
      });
      expect(await bulk('retry')).toMatchObject({
        code: 1,
        err: expect.stringContaining('CONFIRMATION_NEEDED') as unknown,
      });
      const log = inDirectory('bulk.jsonl');
      const first = await bulk('retry', '--yes', '--rate', '50', '--log', log);
      expect(first.out).toContain('many-3  still-stuck  is stuck\n');
      expect(first.out).toMatch(/retry: 12 of 12 sagas: .*11 done/);
      expect(first.code).toBe(2);
      const results = readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(results).toHaveLength(12);
      expect(results[0]).toMatchObject({
        verb: 'retry',
        actor: 'grace',
        reason: 'bank',
        at: expect.any(String) as unknown,
      });
      for (const id of ids.filter((each) => each !== 'many-3'))
        expect(await client().waitForClose(id)).toMatchObject({ kind: 'compensated' });

      const second = await bulk('resolve', '--yes', '--log', log, '--json');
      expect(second.code).toBe(0);
      expect(
        second.out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toMatchObject([
        { sagaId: 'many-3', result: 'done', verb: 'resolve' },
        { verb: 'resolve', sagas: 1, done: 1 },
      ]);
    });
  });

  test('a repeated command leaves out what its log says is done', async () => {
    const log = inDirectory('again.jsonl');
    await harness.withWorkers(new World(), async () => {
      for (const id of ['again-1', 'again-2']) await start(id, seq(run('a'), wait('never')));
      writeFileSync(log, `${JSON.stringify({ verb: 'cancel', sagaId: 'again-1', result: 'done' })}\n`);
      const cancel = () =>
        unwind(
          address,
          'bulk',
          'cancel',
          '--where',
          "WorkflowId STARTS_WITH 'again-'",
          '--actor',
          'g',
          '--reason',
          'r',
          '--yes',
          '--log',
          log,
        );
      await until(
        'visibility',
        async () => (await client().count({ where: "WorkflowId STARTS_WITH 'again-'" })).forward === 2,
      );
      expect(await cancel()).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^again-2 {2}done.*\ncancel: 1 of 1 sagas: 1 done\n$/) as unknown,
      });
      expect((await client().outcome('again-1')).kind).toBe('running');
      writeFileSync(log, 'no log');
      expect(await cancel()).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^INPUT_INVALID: /) as unknown,
      });
    });
  });
});

describe('what cannot be done has a code, and changes nothing', () => {
  test.each([
    ['show', 'nobody'],
    ['wait', 'nobody'],
    ['preview', 'nobody'],
    ['timeline', 'nobody'],
    ['cancel', 'nobody'],
    ['rescue', 'nobody'],
    ['history', 'export', 'nobody'],
  ])('%s %s: no such saga', async (...args) => {
    expect(await unwind(address, ...args)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^(waiting .*\n)?SAGA_NOT_FOUND: /) as unknown,
    });
  });

  test('a closed saga, a bad filter, and a server that is not there', async () => {
    await harness.withWorkers(new World(), async () => {
      await start('closed', run('a'));
      await client().waitForClose('closed');
    });
    const codes = await Promise.all(
      [
        unwind(address, 'cancel', 'closed'),
        unwind(address, 'desk', 'abandon', 'closed', '--actor', 'g', '--reason', 'r'),
        unwind(address, 'list', '--where', 'foo ='),
        unwind(address, 'stats', '--where', 'foo ='),
        unwind('127.0.0.1:1', 'list'),
      ].map(async (said) => (await said).err.split(':')[0]),
    );
    expect(codes).toEqual([
      'SAGA_ENDED',
      'SAGA_ENDED',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'TEMPORAL_UNREACHABLE',
    ]);
  });

  test('a configuration that is none, and a saga that it does not name', async () => {
    writeFileSync(inDirectory('bad.ts'), 'export default { sagas: [{ definition: {} }] };');
    writeFileSync(inDirectory('broken.ts'), 'export default {');
    const codeOf = async (...args: string[]) =>
      (await startUnwind(address, args, { cwd: directory, input: '{}' }).ended).err.split(':')[0];
    expect(await codeOf('list', '--config', 'bad.ts')).toBe('CONFIG_INVALID');
    expect(await codeOf('list', '--config', 'broken.ts')).toBe('CONFIG_INVALID');
    expect(await codeOf('list', '--config', 'nowhere.ts')).toBe('CONFIG_INVALID');
    expect(await codeOf('start', 'runProgram', '-')).toBe('SAGA_NOT_CONFIGURED');
  });
});

test('a saga that a TypeScript configuration names is started once its input is checked', async () => {
  writeFileSync(
    inDirectory('unwind.config.ts'),
    `import { z } from ${JSON.stringify(require.resolve('zod'))};
     const idOf = (input: { id: string }): string => input.id;
     export default { sagas: [{ definition: { workflow: 'runProgram', taskQueue: 'sagas', idOf }, input: z.looseObject({ id: z.string() }) }] };`,
  );
  const startIt = (input: unknown, ...args: string[]) =>
    startUnwind(address, ['start', 'runProgram', '-', ...args], {
      cwd: directory,
      input: JSON.stringify(input),
    }).ended;
  expect(await startIt({ ...run('a') })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^INPUT_INVALID: .*\n {2}- id: /) as unknown,
  });
  await harness.withWorkers(new World(), async () => {
    expect(await startIt({ id: 'configured', ...run('a') }, '--wait')).toMatchObject({
      code: 0,
      out: 'configured is completed\n  ["a"]\n',
    });
    expect(await startIt({ id: 'configured', ...run('a') })).toMatchObject({
      out: 'configured was already started\n',
    });
  });
});

test('timeline, diagram, stats and history show what happened', async () => {
  await harness.withWorkers(new World(), async () => {
    await start('drawn', seq(run('a'), run('b'), fail('NO')));
    await client().waitForClose('drawn');
    const { out } = await unwind(address, 'timeline', 'drawn');
    expect(steady(out)).toBe(
      'drawn is compensated TIME + TOOK\na TOOK + TOOK compensated\nb TOOK + TOOK compensated\n  action compensation has not ended\n',
    );
    const svg = inDirectory('drawn.svg');
    expect(await unwind(address, 'timeline', 'drawn', '--svg', svg)).toMatchObject({ code: 0 });
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg .*<rect class="compensation"/s);
    expect((await unwind(address, 'diagram', 'drawn')).out).toContain('  s0 --> s1\n');
    const definition = (await unwind(address, 'diagram', '--saga', 'runProgram')).out;
    expect(definition).toMatch(/s\d\["a<br>\d+ came here/);
    expect(definition).toMatch(/s\d -->\|\d+\| s\d/);
    expect(await unwind(address, 'diagram')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^INVALID_ARGUMENT: /) as unknown,
    });
    expect(await unwindJson(address, 'stats', '--where', "WorkflowId = 'drawn'")).toMatchObject({
      counts: { compensated: 1, completed: 0, forward: 0 },
      reasons: [{ code: 'NO', count: 1 }],
      ended: [{ state: 'compensated', count: 1 }],
      steps: [
        { step: 'a', count: 1 },
        { step: 'b', count: 1 },
      ],
    });
    const history = await unwindJson(address, 'history', 'export', 'drawn');
    await Worker.runReplayHistory({ workflowBundle: harness.bundle }, history, 'drawn');
    expect(
      await unwind(address, 'history', 'export', 'drawn', '--out', '/nowhere/history.json'),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^FILE_NOT_WRITTEN: /) as unknown,
    });
  });
});
