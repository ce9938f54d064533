import { type coresdk, temporal } from '@temporalio/proto';
import { type Execution, type PendingUpdate, wake } from './execution';
import type { Payload } from './start-input';
import { commandsIn, type Done, type RecordedTask } from './recorded-task';
import type { Job } from './sandbox';

type UpdateRequest = temporal.api.update.v1.IRequest;

const { UPDATE_ADMITTED_EVENT_ORIGIN_REAPPLY } = temporal.api.enums.v1.UpdateAdmittedEventOrigin;

/** An Update arrives: it is in no history before it is accepted. @param id of the Update; one that is known is no other */
export function admitUpdate(execution: Execution, id: string, request: UpdateRequest): PendingUpdate {
  const known = execution.updates.get(id);
  if (known) return known;
  const update: PendingUpdate = { id, request, isInHistory: false, watchers: [] };
  execution.updates.set(id, update);
  execution.admit(jobOf(id, request));
  return update;
}

/** An Update that an earlier run has accepted arrives again, in a run that was reset to before that. */
export function admitUpdateAgain(execution: Execution, request: UpdateRequest): void {
  const id = request.meta?.updateId ?? '';
  execution.updates.set(id, { id, request, isInHistory: true, watchers: [] });
  execution.write({
    attributes: {
      workflowExecutionUpdateAdmittedEventAttributes: {
        request,
        origin: UPDATE_ADMITTED_EVENT_ORIGIN_REAPPLY,
      },
    },
    job: () => jobOf(id, request),
  });
}

function jobOf(id: string, { meta, input }: UpdateRequest): Job {
  return {
    doUpdate: {
      id,
      protocolInstanceId: id,
      name: input?.name ?? '',
      input: input?.args?.payloads ?? [],
      headers: { ...input?.header?.fields },
      meta: meta ?? null,
      runValidator: true,
    },
  };
}

/** Does what a workflow task asks for: an Update is accepted, or rejected, or has come to something. */
export function respondToUpdate(
  execution: Execution,
  { protocolInstanceId, accepted, rejected, completed }: coresdk.workflow_commands.IUpdateResponse,
): void {
  const update = execution.updates.get(protocolInstanceId ?? '');
  if (!update) return;
  const { id, request, isInHistory } = update;
  if (accepted) {
    update.accepted = execution.history.add({
      workflowExecutionUpdateAcceptedEventAttributes: {
        protocolInstanceId: id,
        acceptedRequestMessageId: `${id}/request`,
        ...(!isInHistory && { acceptedRequest: request }),
      },
    });
  } else {
    const outcome = rejected ? { failure: rejected } : { success: { payloads: [completed as Payload] } };
    update.outcome = outcome;
    if (update.accepted !== undefined) {
      execution.history.add({
        workflowExecutionUpdateCompletedEventAttributes: {
          meta: request.meta,
          acceptedEventId: update.accepted,
          outcome,
        },
      });
    }
  }
  wake(update);
}

/** Whether a workflow task is there for Updates only. */
export function isOfUpdates(jobs: readonly Job[]): boolean {
  return jobs.length > 0 && jobs.every(({ doUpdate }) => doUpdate);
}

/** No history has an Update that its validator has rejected. */
export function withoutRejected(
  { updates }: Execution,
  jobs: readonly Job[],
  done: readonly Done[],
): Pick<RecordedTask, 'jobs' | 'done'> {
  const responses = commandsIn(done).flatMap(({ updateResponse }) => updateResponse ?? []);
  const isAccepted = (id: string) =>
    updates.get(id)?.accepted !== undefined ||
    responses.some(({ protocolInstanceId, accepted }) => accepted && protocolInstanceId === id);
  const ids = responses.map(({ protocolInstanceId }) => protocolInstanceId ?? '');
  const rejected = new Set(ids.filter((id) => !isAccepted(id)));
  if (rejected.size === 0) return { jobs, done };
  return {
    jobs: jobs.filter(({ doUpdate }) => !rejected.has(doUpdate?.protocolInstanceId ?? '')),
    done: done.filter(
      (one) => 'marker' in one || !rejected.has(one.updateResponse?.protocolInstanceId ?? ''),
    ),
  };
}
