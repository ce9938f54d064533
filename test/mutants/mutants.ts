/** A deliberate breakage of the engine or the barrier, and the tests that must notice it. */
export interface Mutant {
  /** What is broken, in a few words. */
  readonly name: string;
  readonly rule: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly tests: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'undo only what succeeded',
    rule: 'S1',
    file: 'src/saga/ledger.ts',
    find: "entry.outcome?.kind !== 'refused' &&",
    replace: "entry.outcome?.kind === 'succeeded' &&",
    tests: 'test/saga/outcomes',
  },
  {
    name: 'undo a refused step',
    rule: 'S2',
    file: 'src/saga/ledger.ts',
    find: "entry.outcome?.kind !== 'refused' &&",
    replace: '',
    tests: 'test/saga/outcomes',
  },
  {
    name: 'take an undeclared failure for a refusal',
    rule: 'S2',
    file: 'src/saga/failures.ts',
    find: '&& refusals.includes(failure.code)',
    replace: '',
    tests: 'test/saga/outcomes',
  },
  {
    name: 'undo all at once',
    rule: 'S3',
    file: 'src/saga/ledger.ts',
    find: '&& latest < entry.settled)',
    replace: ')',
    tests: 'test/saga/order',
  },
  {
    name: 'undo in start order',
    rule: 'S3',
    file: 'src/saga/ledger.ts',
    find: 'entry.settled !== undefined && latest < entry.settled)',
    replace: 'left.every((other) => other.began >= entry.began))',
    tests: 'test/saga/order',
  },
  {
    name: 'undo while an action is in flight',
    rule: 'S3',
    file: 'src/saga/call-activity.ts',
    find: "cancellationType: 'WAIT_CANCELLATION_COMPLETED'",
    replace: "cancellationType: 'TRY_CANCEL'",
    tests: 'test/saga/order',
  },
  {
    name: 'answer a branch during the unwinding',
    rule: 'S3',
    file: 'src/saga/saga.ts',
    find: "    if (state.ending) return await never();\n    if (outcome.kind === 'succeeded')",
    replace: "    if (outcome.kind === 'succeeded')",
    tests: 'test/saga/order',
  },
  {
    name: 'forget the shield',
    rule: 'S4',
    file: 'src/saga/run-saga.ts',
    find: 'return await CancellationScope.nonCancellable(async () => {',
    replace: 'return await CancellationScope.cancellable(async () => {',
    tests: 'test/saga/cancel',
  },
  {
    name: 'swallow a compensation error',
    rule: 'S5',
    file: 'src/saga/until-known.ts',
    find: "if (outcome.kind !== 'unknown') return",
    replace: "if (outcome.kind !== 'unknown' || op === 'undo') return",
    tests: 'test/saga/stuck',
  },
  {
    name: 'give the same actor both signatures',
    rule: 'S6',
    file: 'src/saga/desk.ts',
    find: 'if (this.proposals.get(decision.step) === decision.actor) {',
    replace: 'if (Date.now() < 0) {',
    tests: 'test/saga/desk',
  },
  {
    name: 'decide about a step that is not stuck',
    rule: 'S6',
    file: 'src/saga/desk.ts',
    find: "if (!entry.stuck) throw refusal('DESK_NOT_STUCK', `${entry.id} is not stuck`);",
    replace: '',
    tests: 'test/saga/desk',
  },
  {
    name: 'ignore the pivot',
    rule: 'S7',
    file: 'src/saga/run-saga.ts',
    find: "if (state.phase === 'committed') {",
    replace: "if (state.phase === 'completed') {",
    tests: 'test/saga/programming-errors',
  },
  {
    name: 'unwind for a cancel after the pivot',
    rule: 'S8',
    file: 'src/saga/saga-state.ts',
    find: "first && this.phase === 'forward'",
    replace: "first && this.phase !== 'pivot'",
    tests: 'test/saga/cancel',
  },
  {
    name: 'ignore the deadline',
    rule: 'S8',
    file: 'src/saga/run-saga.ts',
    find: "() => state.interrupt('deadline'),",
    replace: '() => undefined,',
    tests: 'test/saga/desk',
  },
  {
    name: 'leave a caught unknown step standing',
    rule: 'S9',
    file: 'src/saga/run-saga.ts',
    find: '  await unwind(state, () => state.ledger.unknown, policy, STEP_UNKNOWN);\n',
    replace: '',
    tests: 'test/saga/outcomes',
  },
  {
    name: 'unwind for a programming error',
    rule: 'S12',
    file: 'src/saga/run-saga.ts',
    find: 'if (!(error instanceof TemporalFailure)) throw error;',
    replace: 'if (!(error instanceof TemporalFailure)) await unwindAll(state, policy, error as never);',
    tests: 'test/saga/programming-errors',
  },
  {
    name: 'accept a server-side timeout',
    rule: 'S14',
    file: 'src/saga/run-saga.ts',
    find: '  refuseServerTimeouts();\n',
    replace: '',
    tests: 'test/saga/programming-errors',
  },
  {
    name: 'write an attribute on the happy path',
    rule: 'S15',
    file: 'src/saga/saga-state.ts',
    find: "{ status: 'FORWARD', reason: null, stuckStep: null }",
    replace: "{ status: 'UNWINDING', reason: null, stuckStep: null }",
    tests: 'test/saga/happy-path',
  },
  {
    name: 'let a late action act',
    rule: 'B4',
    file: 'src/participant/barrier.ts',
    find: "if (row.state === 'blocked') throw new ActionBlocked(call.key);",
    replace: '',
    tests: 'test/participant/barrier.test',
  },
  {
    name: 'undo what another input did',
    rule: 'B5',
    file: 'src/participant/barrier.ts',
    find: 'if (!action.sameInput && !call.corrected) throw new KeyConflict(call.key);',
    replace: '',
    tests: 'test/participant/barrier.test',
  },
];
