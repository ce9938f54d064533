import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepCall } from '../../../src/saga';
import type { ActivityFault, How } from '../plan/plan';
import type { FaultLog } from './fault-log';

type Activity = (argument: unknown, call?: StepCall) => Promise<unknown>;

/** The failures by which a compensation tells an operator what it needs. */
export const operatorNeeds = {
  offline: 'SERVICE_OFFLINE',
  unreadable: 'INPUT_UNREADABLE',
  'by-hand': 'NEEDS_HANDS',
} as const satisfies Partial<Record<How, string>>;

/** Wraps the activities of a worker: each meets the fault that the plan holds for it. */
export function injectFaults(
  activities: object,
  faultOf: (sagaId: string, activity: string) => ActivityFault | undefined,
  faultLog: FaultLog,
): object {
  const wrap =
    (name: string, activity: Activity): Activity =>
    async (...delivered) => {
      const { workflowId: sagaId } = activityInfo().workflowExecution ?? { workflowId: '' };
      const activityFault = faultOf(sagaId, name);
      const deliver = () => activity(...delivered);
      if (activityFault === undefined) return deliver();
      return deliverWithFault(activityFault, {
        id: `${sagaId} ${name}`,
        deliver,
        corrected: delivered[1]?.corrected === true,
        faultLog,
      });
    };
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [name, wrap(name, activity as Activity)]),
  );
}

interface Delivery {
  readonly id: string;
  readonly deliver: () => Promise<unknown>;
  readonly corrected: boolean;
  readonly faultLog: FaultLog;
}

async function deliverWithFault(
  { fault, how, lateMs }: ActivityFault,
  { id, deliver, corrected, faultLog }: Delivery,
): Promise<unknown> {
  const recordFault = () => faultLog.fired(fault, id);
  const fail = (needs: keyof typeof operatorNeeds): never => {
    recordFault();
    throw ApplicationFailure.nonRetryable(`${id} needs an operator`, operatorNeeds[needs]);
  };
  switch (how) {
    case 'crash': {
      const answer = await deliver();
      if (!faultLog.claim(id)) return answer;
      recordFault();
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    }
    case 'concurrent': {
      if (!faultLog.claim(id)) return deliver();
      const [first] = await Promise.allSettled([deliver(), deliver()]);
      recordFault();
      if (first.status === 'rejected') throw first.reason;
      return first.value;
    }
    case 'late': {
      const answer = await deliver();
      if (faultLog.claim(id, Date.now() + lateMs))
        setTimeout(() => void deliver().then(recordFault, recordFault), lateMs);
      return answer;
    }
    case 'delayed': {
      const delayMs = activityInfo().startToCloseTimeoutMs + lateMs;
      if (!faultLog.claim(id, Date.now() + delayMs)) return deliver();
      await sleep(delayMs);
      return deliver().finally(recordFault);
    }
    case 'offline':
      return faultLog.isRepaired(id) ? deliver() : fail('offline');
    case 'unreadable':
      return corrected ? deliver() : fail('unreadable');
    case 'by-hand':
      return fail('by-hand');
  }
}
