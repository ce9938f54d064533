import { readFileSync } from 'node:fs';
import { coresdk } from '@temporalio/proto';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';

/**
 * The memory of a cached workflow: makes many in the sandbox of a worker, as they are after their first workflow task, and reads
 * the heap before and after. To be run with --expose-gc.
 * @param answers how many activities of the history have answered, one workflow task for each. @default 0
 */
async function main([historyPath = '', codePath = '', count = '', answers = '0']: string[]): Promise<void> {
  const events = historyFromJSON(JSON.parse(readFileSync(historyPath, 'utf8'))).events ?? [];
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const scheduled = events.filter((event) => event.activityTaskScheduledEventAttributes);
  const completed = events
    .flatMap((event) => event.activityTaskCompletedEventAttributes ?? [])
    .slice(0, Number(answers));
  const code = readFileSync(codePath, 'utf8');
  const creator = await ReusableVMWorkflowCreator.create(
    parseWorkflowCode(code),
    5_000,
    new Set(['default']),
  );
  const begin = async (number: number) => {
    const runId = `run-${number}`;
    const workflow = await creator.createWorkflow({
      info: {
        workflowId: `cached-${number}`,
        runId,
        workflowType: started?.workflowType?.name,
        taskQueue: 'nobody',
        namespace: 'default',
        memo: memoOf(started?.memo),
        startTime: new Date(),
        runStartTime: new Date(),
        attempt: 1,
        historyLength: 3,
        historySize: 500,
        searchAttributes: {},
        unsafe: { now: () => Date.now(), isReplaying: false, isReplayingHistoryEvents: false },
      },
      randomnessSeed: [1, 2, 3, number],
      now: Date.now(),
      showStackTraceSources: false,
      failureExceptionTypeNames: [],
    } as unknown as Parameters<ReusableVMWorkflowCreator['createWorkflow']>[0]);
    const { successful, failed } = await workflow.activate(
      coresdk.workflow_activation.WorkflowActivation.fromObject({
        runId,
        timestamp: { seconds: 1 },
        historyLength: 3,
        availableInternalFlags: [1, 2, 3, 4, 5, 6],
        jobs: [
          {
            initializeWorkflow: {
              workflowType: started?.workflowType?.name,
              workflowId: `cached-${number}`,
              arguments: started?.input?.payloads,
              randomnessSeed: number,
            },
          },
        ],
      }),
    );
    if (failed || !successful?.commands?.length) throw new Error('the workflow has scheduled nothing');
    for (const [index, { scheduledEventId, result }] of completed.entries()) {
      const seq = 1 + scheduled.findIndex(({ eventId }) => scheduledEventId?.eq(eventId ?? 0));
      const answered = await workflow.activate(
        coresdk.workflow_activation.WorkflowActivation.fromObject({
          runId,
          timestamp: { seconds: 2 + index },
          historyLength: 9 + 6 * index,
          availableInternalFlags: [1, 2, 3, 4, 5, 6],
          jobs: [{ resolveActivity: { seq, result: { completed: { result: result?.payloads?.[0] } } } }],
        }),
      );
      if (answered.failed) throw new Error(`the workflow failed: ${answered.failed.failure?.message}`);
    }
    return workflow;
  };
  const kept = [];
  for (let number = 0; number < 20; number++) kept.push(await begin(number));
  const before = heap();
  for (let number = 0; number < Number(count); number++) kept.push(await begin(100 + number));
  process.send?.((heap() - before) / Number(count));
  process.disconnect();
}

function memoOf(memo: { fields?: Record<string, { data?: Uint8Array | null }> | null } | null | undefined) {
  const fields = Object.entries(memo?.fields ?? {});
  return Object.fromEntries(
    fields.map(([name, { data }]) => [name, JSON.parse(Buffer.from(data ?? []).toString()) as unknown]),
  );
}

function heap(): number {
  for (let round = 0; round < 3; round++) (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

void main(process.argv.slice(2));
