import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepCall } from '../../../src/saga';
import type { Fate, How } from '../plan/plan';
import type { Marks } from './marks';

type Activity = (argument: unknown, call?: StepCall) => Promise<unknown>;

/** The failures by which a compensation tells an operator what it needs. */
export const troubles = {
  offline: 'SERVICE_OFFLINE',
  unreadable: 'INPUT_UNREADABLE',
  'by-hand': 'NEEDS_HANDS',
} as const satisfies Partial<Record<How, string>>;

/** Lets the activities of a worker meet what the plan holds for them. The activities themselves stay what they are. */
export function fateful(
  activities: object,
  fateOf: (sagaId: string, activity: string) => Fate | undefined,
  marks: Marks,
): object {
  const wrap =
    (name: string, activity: Activity): Activity =>
    async (...delivered) => {
      const { workflowId: sagaId } = activityInfo().workflowExecution ?? { workflowId: '' };
      const fate = fateOf(sagaId, name);
      const deliver = () => activity(...delivered);
      if (fate === undefined) return deliver();
      return meet(fate, {
        id: `${sagaId} ${name}`,
        deliver,
        corrected: delivered[1]?.corrected === true,
        marks,
      });
    };
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [name, wrap(name, activity as Activity)]),
  );
}

interface Encounter {
  readonly id: string;
  readonly deliver: () => Promise<unknown>;
  readonly corrected: boolean;
  readonly marks: Marks;
}

async function meet(
  { fault, how, lateMs }: Fate,
  { id, deliver, corrected, marks }: Encounter,
): Promise<unknown> {
  const strike = () => marks.fired(fault, id);
  const fail = (needs: keyof typeof troubles): never => {
    strike();
    throw ApplicationFailure.nonRetryable(`${id} needs an operator`, troubles[needs]);
  };
  switch (how) {
    case 'crash': {
      const answer = await deliver();
      if (!marks.claim(id)) return answer;
      strike();
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    }
    case 'concurrent': {
      if (!marks.claim(id)) return deliver();
      const [first] = await Promise.allSettled([deliver(), deliver()]);
      strike();
      if (first.status === 'rejected') throw first.reason;
      return first.value;
    }
    case 'late': {
      const answer = await deliver();
      if (marks.claim(id, Date.now() + lateMs)) setTimeout(() => void deliver().then(strike, strike), lateMs);
      return answer;
    }
    case 'delayed': {
      const delayMs = activityInfo().startToCloseTimeoutMs + lateMs;
      if (!marks.claim(id, Date.now() + delayMs)) return deliver();
      await sleep(delayMs);
      return deliver().finally(strike);
    }
    case 'offline':
      return marks.isRepaired(id) ? deliver() : fail('offline');
    case 'unreadable':
      return corrected ? deliver() : fail('unreadable');
    case 'by-hand':
      return fail('by-hand');
  }
}
