import { describe, expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { catalogue } from '../../cli/error-catalogue/catalogue';
import { addOrderCommands } from '../../cli/order/commands';
import { AlertsError } from '../../src/alerts';
import { addSagaCommands, rootCommand } from '../../src/cli/program';
import type { Session } from '../../src/cli/session';
import { sagaStates } from '../../src/client';
import { SetupError } from '../../src/worker/setup-error';
import { orderId } from '../../services/order/schema';
import { strangeText } from '../support/strange';

class Connects extends Error {}

/** Runs the command line up to where it would connect to a server. @returns that it would, or how it refused. */
async function run(args: readonly string[]): Promise<string> {
  let said = '';
  const connect = () => Promise.reject(new Connects());
  const print = () => undefined;
  const session: Session = {
    client: connect,
    rescuer: connect,
    auditor: connect,
    sagas: () => Promise.resolve([]),
    command: 'unwind',
    setting: () => undefined,
    json: false,
    columns: undefined,
    print,
    printLine: print,
    redraw: print,
    note: print,
    exitCode: print,
  };
  const program = rootCommand('unwind')
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said += text), writeOut: print });
  addSagaCommands(program, session, catalogue);
  addOrderCommands(program, session);
  try {
    await program.parseAsync(['node', 'unwind', ...args]);
    return 'done';
  } catch (error) {
    if (error instanceof Connects) return 'connects';
    if (error instanceof SetupError || error instanceof AlertsError) return error.code;
    if (!(error instanceof CommanderError)) throw error;
    return /^([A-Z_]+): /m.exec(said)?.[1] ?? error.code;
  }
}

/** What a shell can pass on: no U+0000, and no halves of surrogate pairs. An option's value must not look like one. */
const argument = strangeText.map((text) => text.toWellFormed().replaceAll('\0', '').replace(/^-+/, ''));

describe('arguments of the command line are refused before anything is connected to', () => {
  test.each(['wait', 'show', 'preview', 'cancel', 'rescue', 'reverse'])(
    'order %s: an order id',
    async (verb) => {
      const confirmed = verb === 'reverse' ? ['--yes'] : [];
      await fc.assert(
        fc.asyncProperty(argument, async (id) => {
          const expected = orderId.safeParse(id).success ? 'connects' : 'INVALID_ARGUMENT';
          expect(await run(['order', verb, id, ...confirmed])).toBe(expected);
        }),
        { numRuns: 60 },
      );
      expect(await run(['order', verb, 'A17', ...confirmed])).toBe('connects');
      expect(await run(['order', verb])).toBe('INVALID_ARGUMENT');
      expect(await run(['order', verb, 'A17', 'A18'])).toBe('INVALID_ARGUMENT');
    },
  );

  test.each([
    [
      'a decision',
      (text: string) => ['order', 'review', 'A17', text, '--actor', 'grace'],
      /^(approve|decline)$/,
    ],
    ['a limit', (text: string) => ['order', 'list', '--limit', text], /^0*[1-9]\d*$/],
    [
      'a state',
      (text: string) => ['order', 'list', '--state', text],
      new RegExp(`^(${sagaStates.join('|')})$`),
    ],
    ['an error code', (text: string) => ['errors', text], /^(?!)/],
  ] as const)('%s', async (_, args, right) => {
    const near = fc.constantFrom(
      'approve',
      'Approve',
      '1',
      '0',
      '-1',
      '1e3',
      '0x10',
      'stuck',
      'Stuck',
      '1.5',
      ' 7',
      'toString',
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(argument, near), async (text) => {
        expect(await run(args(text))).toBe(right.test(text) ? 'connects' : 'INVALID_ARGUMENT');
      }),
      { numRuns: 100 },
    );
  });

  test('the JSON of a desk’s decision', async () => {
    const decide = (input: string) =>
      run(['desk', 'retry', 'order-A17', 'a', '--actor', 'grace', '--reason', 'why', '--input', input]);
    await fc.assert(
      fc.asyncProperty(fc.oneof(argument, fc.json()), async (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(await decide(text)).toBe(isJson ? 'connects' : 'INVALID_ARGUMENT');
      }),
      { numRuns: 100 },
    );
  });

  test('what cannot be undone is confirmed', async () => {
    for (const undoing of [
      ['reverse', 'order-A17'],
      ['order', 'reverse', 'A17'],
    ]) {
      expect(await run(undoing)).toBe('CONFIRMATION_NEEDED');
      expect(await run([...undoing, '--yes'])).toBe('connects');
    }
  });

  test('who decides and why must be said, and a command must be one', async () => {
    expect(await run(['desk', 'skip', 'order-A17', 'a', '--actor', 'grace'])).toBe('INVALID_ARGUMENT');
    expect(await run(['desk', 'abandon', 'order-A17', '--reason', 'why'])).toBe('INVALID_ARGUMENT');
    expect(await run(['order', 'destroy'])).toBe('INVALID_ARGUMENT');
    expect(await run(['audit', '--dry'])).toBe('INVALID_ARGUMENT');
    expect(await run(['order', 'start', '/nowhere/order.json'])).toBe('INVALID_ORDERS');
  });
});
