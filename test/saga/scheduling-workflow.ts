import { scheduleActivity, scheduleLocalActivity, type WorkflowInterceptors } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import { defineSaga, runSaga } from '../../src/saga';
import { type Call, schedule } from '../../src/saga/activities';
import { compensatableNamed } from './program-steps';

/** @returns the commands for a call, sent nowhere: by the engine, and by the SDK. */
export async function commandsFor(call: Call): Promise<readonly string[]> {
  const activator = getActivator();
  const { pushCommand } = activator;
  const commands: string[] = [];
  activator.pushCommand = (command) => void commands.push(JSON.stringify(command, plain));
  const first = activator.nextSeqs.activity;
  schedule(call, { completed: () => undefined, failed: () => undefined });
  activator.nextSeqs.activity = first;
  const bySdk = call.isLocal ? scheduleLocalActivity : scheduleActivity;
  void bySdk(call.name, [...call.args], call.options);
  activator.pushCommand = pushCommand;
  return commands;
}

/** Without what is its default in a message, and in the order of the alphabet. */
function plain(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return [...value].join(' ');
  const told = Object.entries(value).filter(
    ([, each]) => each !== null && each !== undefined && each !== false,
  );
  return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export const interceptedSaga = defineSaga<undefined, readonly string[]>({
  workflow: 'intercepted',
  taskQueue: 'sagas',
  idOf: () => {
    throw new Error('tests name their sagas');
  },
});

/** @returns what {@link interceptors} have seen. */
export async function intercepted(): Promise<readonly string[]> {
  return await runSaga(interceptedSaga, async (saga) => {
    await saga.run(compensatableNamed('a'), { step: 'a' });
    return seen;
  });
}

const seen: string[] = [];

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        seen.push(input.activityType);
        return next(input);
      },
      scheduleLocalActivity: (input, next) => {
        seen.push(`local ${input.activityType}`);
        return next(input);
      },
    },
  ],
});
