import { insertRow, readAction, storeResult } from '../../src/participant/barrier-rows';
import type { Statement } from '../../src/participant/literals';
import { ledgerStatements, writeEffect } from '../../src/testing/simulation/postgres/ledger';
import { callOf } from '../participant/effects';
import { type Send, transactionOf, type Work } from './sql-script';

/** What sessions of a script do: the statements of the barrier, and of its business. */
export const input = { sku: 'sku-tea' };
export const begin = (statementMs = 20_000, idleMs = 20_000): Work => ({
  name: 'begins',
  run: async (_, sendTogether) => {
    await sendTogether(beginning(statementMs, idleMs));
  },
});
const beginning = (statementMs = 20_000, idleMs = 20_000) => [
  { text: 'BEGIN ISOLATION LEVEL READ COMMITTED' },
  { text: `SET LOCAL statement_timeout = ${statementMs}` },
  { text: `SET LOCAL idle_in_transaction_session_timeout = ${idleMs}` },
];
export const end = (text: 'COMMIT' | 'ROLLBACK'): Work => ({
  name: text,
  run: async (send) => (await send(text)).command,
});
export const insertDo = (state: 'done' | 'blocked' = 'done', saga = 'saga'): Work => ({
  name: `inserts do ${state} of ${saga}`,
  run: (send) => insertRow(transactionOf(send).query, callOf(saga, 'do'), { op: 'do', state, input }),
});
export const insertUndo = (saga = 'saga'): Work => ({
  name: `inserts undo of ${saga}`,
  run: (send) =>
    insertRow(transactionOf(send).query, callOf(saga, 'undo'), { op: 'undo', state: 'done', input }),
});
/** What a barrier could do instead; the simulated one knows it, too. */
export const insertOtherwise = (conflict: 'ON CONFLICT DO NOTHING' | ''): Work => ({
  name: `inserts do ${conflict}`,
  run: (send) => {
    const clause = /ON CONFLICT .* WHERE false/;
    const otherwise: Send = (text, values) => send(text.replace(clause, conflict), values);
    return insertRow(transactionOf(otherwise).query, callOf('saga', 'do'), {
      op: 'do',
      state: 'done',
      input,
    });
  },
});
export const insertRefused: Work = {
  name: 'inserts do refused',
  run: (send) =>
    insertRow(transactionOf(send).query, callOf('saga', 'do'), {
      op: 'do',
      state: 'refused',
      input,
      refusal: { name: 'Refusal', code: 'NO', message: 'no' },
    }),
};
export const read = (given: unknown = input, saga = 'saga'): Work => ({
  name: `reads ${saga}`,
  run: (send) => readAction(transactionOf(send).query, callOf(saga, 'do'), given),
});
export const store = (saga = 'saga'): Work => ({
  name: `stores a result of ${saga}`,
  run: (send) => storeResult(transactionOf(send).query, callOf(saga, 'do'), input, { receipt: 1 }),
});
/** A transaction as the barrier frames it: its first statement goes with BEGIN, its last one with COMMIT. */
export const opening = (state: 'done' | 'blocked' = 'done', saga = 'saga', statementMs = 20_000): Work => ({
  name: `begins and inserts do ${state} of ${saga}`,
  run: (_, sendTogether) =>
    insertRow(
      async <Row>(text: string, values: Statement['values']) =>
        (await sendTogether([...beginning(statementMs), { text, values }])).at(-1)?.rows as Row[],
      callOf(saga, 'do'),
      { op: 'do', state, input },
    ),
});
export const closing = (saga = 'saga'): Work => ({
  name: `stores a result of ${saga} and commits`,
  run: async (_, sendTogether) => {
    let command: string | undefined;
    const last = async <Row>(text: string, values: Statement['values']) => {
      const answers = await sendTogether([{ text, values }, { text: 'COMMIT' }]);
      command = answers.at(-1)?.command;
      return answers[0]?.rows as Row[];
    };
    const stored = await storeResult(last, callOf(saga, 'do'), input, { receipt: 1 });
    return { stored, command };
  },
});
export const effect = (op: 'do' | 'undo', isReversed: boolean): Work => ({
  name: `writes ${op}${isReversed ? ' reversed' : ''}`,
  run: (send) =>
    writeEffect(transactionOf(send), 'saga', { op, step: 'reserve', input, output: 1 }, isReversed),
});
export const move = (account: 'ours' | 'theirs'): Work => ({
  name: `updates ${account}`,
  run: async (send) => (await send(ledgerStatements.updateBalance, [account, 1])).rows,
});

export const failingBeforeCommit: Work = {
  name: 'fails before COMMIT',
  run: (_, sendTogether) =>
    sendTogether([{ text: ledgerStatements.updateBalance, values: ['ours', 'x'] }, { text: 'COMMIT' }]),
};

export const failing: Work = {
  name: 'fails',
  run: (send) => send(ledgerStatements.updateBalance, ['ours', 'x']),
};
