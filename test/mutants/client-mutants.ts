import type { Mutant } from './mutant';

/** Breakages of the client. */
export const clientMutants: readonly Mutant[] = [
  {
    name: 'rescue past a pivot that stands by the records',
    rule: 'S13',
    file: 'src/client/with-records.ts',
    find: 'history.pivot?.step ?? proof?.step',
    replace: 'history.pivot?.step',
    tests: 'test/client/with-records',
  },
  {
    name: 'undo what the records add in the order of their doing',
    rule: 'S13',
    file: 'src/client/with-records.ts',
    find: 'position(a) - position(b)',
    replace: 'position(b) - position(a)',
    tests: 'test/client/with-records',
  },
  {
    name: 'ignore the records of a nested saga',
    rule: 'S13',
    file: 'src/client/left-behind.ts',
    find: '(await readStanding(client, records, [id])).get(id) ?? []',
    replace: '[]',
    tests: 'test/fulfilment/nested-express',
  },
  {
    name: 'take any rescue under its id for that of this saga',
    rule: 'S13',
    file: 'src/client/undoing.ts',
    find: 'rescued?.sagaId === sagaId ?',
    replace: 'rescued !== undefined ?',
    tests: 'test/saga/ids',
  },
  {
    name: 'take the undoing of an earlier run for that of the latest',
    rule: 'S17',
    file: 'src/client/undoing.ts',
    find: 'of === undefined || runId === undefined || of === runId',
    replace: 'of !== runId || of === runId',
    tests: 'test/saga/audit-completed',
  },
  {
    name: 'take what a saga undid itself for undone by others',
    rule: 'S17',
    file: 'src/client/examine-completed.ts',
    find: 'undone.filter(({ step }) => !undos.has(step))',
    replace: '[...undone]',
    tests: 'test/saga/audit-completed',
  },
  {
    name: 'compare an input with that of the latest run',
    rule: 'S20',
    file: 'src/client/started-with.ts',
    find: 'raw.workflowExecutionInfo?.firstRunId ?? runId',
    replace: 'raw && runId',
    tests: 'test/client/continued',
  },
];
