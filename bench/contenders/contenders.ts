import { join } from 'node:path';
import type { Workflows } from '../measure/workflow-cost';
import type { Contender } from './contender';
import { byHand } from './by-hand';
import { choreographedShop, orchestratedShop } from './shop';
import { bareSql } from './sql';
import { unwind } from './unwind';

/** Somebody who takes part. */
export interface Entry {
  /** What it is, in a line. */
  readonly about: string;
  readonly contender: () => Contender;
  /** Absent where no Temporal workflow runs. */
  readonly workflows?: Workflows;
}

const handWritten: Workflows = { path: require.resolve('../workflows/by-hand'), asSagas: false };
const sagas: Workflows = { path: require.resolve('../workflows/unwind'), asSagas: true };

const here = (about: string, contender: Contender, workflows?: Workflows): Entry => ({
  about,
  contender: () => contender,
  ...(workflows && { workflows }),
});

/**
 * Another engine, loaded when it takes part: its packages are those of `bench/package.json`.
 * @param module a file of `bench/peers`, which is checked only where they are installed.
 */
const peer = (about: string, module: string, name: string): Entry => ({
  about,
  contender: () => {
    const path = join(__dirname, '../peers', module);
    const { contenders: found } = require(path) as { contenders: Record<string, Contender> };
    return found[name] as Contender;
  },
});

/** Everybody who takes part, by the name in the report. Whom a ratio compares are measured soon after each other. */
export const contenders: Readonly<Record<string, Entry>> = {
  sql: here('four statements, no engine', bareSql),
  'by-hand': here(
    'Temporal: a saga written by hand in the shape of the official sample',
    byHand({ workflow: 'sagaByHand', eager: false, empty: false }),
    handWritten,
  ),
  'saga-queue': here('Unwind, all on one queue', unwind('saga-queue', 'plain'), sagas),
  'saga-queue/barrier': here('with the barrier', unwind('saga-queue', 'barrier'), sagas),
  participants: here('Unwind, a queue for each participant', unwind('participants', 'plain'), sagas),
  'participants/barrier': here('with the barrier', unwind('participants', 'barrier'), sagas),
  'by-hand-local': here(
    'Temporal: the same with local activities and eager start',
    byHand({ workflow: 'localSagaByHand', eager: true, empty: false }),
    handWritten,
  ),
  express: here('Unwind, express', unwind('express', 'plain'), sagas),
  'express/transaction': here('each statement in a transaction', unwind('express', 'transaction'), sagas),
  'express/barrier': here('with the barrier', unwind('express', 'barrier'), sagas),
  'empty-workflow': here(
    'Temporal: a workflow without a step, eager start',
    byHand({ workflow: 'emptyWorkflow', file: 'empty', eager: true, empty: true }),
    { path: require.resolve('../workflows/empty'), asSagas: false },
  ),
  'express/empty': here('express, activities that do nothing', unwind('express', 'empty'), sagas),
  'by-hand-local/empty': here(
    'by-hand-local, activities that do nothing',
    byHand({ workflow: 'localSagaByHand', eager: true, empty: true }),
    handWritten,
  ),
  'by-hand/empty': here(
    'by-hand, activities that do nothing',
    byHand({ workflow: 'sagaByHand', eager: false, empty: true }),
    handWritten,
  ),
  'saga-queue/empty': here('saga-queue, activities that do nothing', unwind('saga-queue', 'empty'), sagas),
  dbos: peer('DBOS Transact, steps recorded in the transaction that changes the tables', 'dbos', 'dbos'),
  'dbos/steps': peer('DBOS Transact, steps recorded afterwards', 'dbos', 'dbos/steps'),
  restate: peer('Restate', 'restate', 'restate'),
  'shop/saga-queue': here(
    'the demo shop on four databases, all on one queue',
    orchestratedShop('saga-queue'),
  ),
  'shop/express': here('the demo shop on four databases, express', orchestratedShop('express')),
  'shop/choreography': here('the demo shop on four databases, by events and an outbox', choreographedShop),
};
