import type { Command, Job } from './sandbox';

/** What resolved a local activity, as a marker keeps it. */
export interface LocalResolution {
  readonly seq: number;
  readonly job: Job;
  /** When, in epoch milliseconds. */
  readonly at: number;
  readonly activity: {
    readonly activityId: string;
    readonly activityType: string;
    /** Of the last one, from 1. */
    readonly attempt: number;
    readonly scheduledAt: number;
  };
}

/** A command, or the marker of a local activity. */
export type Done = Command | { readonly marker: LocalResolution };

/** What was asked for, without the markers. */
export function commandsIn(done: readonly Done[]): Command[] {
  return done.filter((one): one is Command => !('marker' in one));
}

/** What a workflow task says about the history of its run. */
export interface TaskHistory {
  readonly historyLength: number;
  readonly historySizeBytes: number;
  readonly continueAsNewSuggested: boolean;
}

/** A completed workflow task: what a worker that has only the history gives the workflow code again. */
export interface RecordedTask extends TaskHistory {
  /** The event of its completion. */
  readonly completedId: number;
  readonly jobs: readonly Job[];
  readonly at: number;
  /** What the code has asked for, and what was resolved inside of the task, in order. */
  readonly done: readonly Done[];
}
