import { upsertSearchAttributes } from '@temporalio/workflow';
import { sagaStatusAttribute } from '../../src/saga';
import type { Program } from './program';
import { runProgram } from './program-workflow';

export * from './program-workflow';

/** A program that says at its end, in visibility, that something of it stands which it was to undo. */
export async function runLeaving(program: Program): Promise<string[]> {
  const outputs = await runProgram(program);
  upsertSearchAttributes([{ key: sagaStatusAttribute, value: 'PARTLY_COMPENSATED' }]);
  return outputs;
}
