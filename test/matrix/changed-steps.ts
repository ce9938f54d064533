import { defineQuery } from '@temporalio/workflow';

/** The names of the steps whose input a saga's body has changed, and whose answer, if it came: what `changing-workflow.ts` answers. */
export const changedSteps = defineQuery<string[]>('changedSteps');
