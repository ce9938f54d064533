/** Limits of one worker that must fit each other. */
interface RelatedLimits {
  readonly maxActivities: number;
  readonly poolSize: number;
  readonly maxWorkflowTasks: number;
  readonly maxCachedWorkflows: number;
}

/** The setting that a limit was read from. */
type NameOf = (limit: string) => string;

/**
 * What a workflow that is kept in memory takes of the heap, in MB: an order of 100 lines that waits for its review, the most that was
 * measured with the sagas of the shop (docs/deployment.md).
 */
const MB_PER_WORKFLOW = 0.1;

/** How many workflows half of the heap holds. */
export function cachedWorkflowsThatFit(heapMb: number): number {
  return Math.floor(heapMb / 2 / MB_PER_WORKFLOW);
}

/** Says, naming both, which limits of a service's worker do not fit each other. */
export function findParticipantConflicts(
  { maxActivities, poolSize }: RelatedLimits,
  nameOf: NameOf,
): string[] {
  if (poolSize >= maxActivities) return [];
  return [
    `${nameOf('POOL_SIZE')} must be at least ${nameOf('MAX_ACTIVITIES')}, which is ${maxActivities}; it is "${poolSize}"`,
  ];
}

/**
 * Says, naming both, which limits of an orchestrator's worker do not fit each other.
 * @param heapMb what its process may use as heap.
 */
export function findOrchestratorConflicts(
  { maxWorkflowTasks, maxCachedWorkflows }: RelatedLimits,
  nameOf: NameOf,
  heapMb: number,
): string[] {
  const problems: string[] = [];
  // A cache that is too small for what runs at once has workflows push each other out; none at all is a choice.
  if (maxCachedWorkflows > 0 && maxCachedWorkflows < maxWorkflowTasks) {
    problems.push(
      `${nameOf('MAX_CACHED_WORKFLOWS')} must be 0, or at least ${nameOf('MAX_WORKFLOW_TASKS')}, which is ` +
        `${maxWorkflowTasks}; it is "${maxCachedWorkflows}"`,
    );
  }
  const room = cachedWorkflowsThatFit(heapMb);
  if (maxCachedWorkflows > room) {
    problems.push(
      `${nameOf('MAX_CACHED_WORKFLOWS')} must be at most ${room}, which take half of the heap of ` +
        `${Math.floor(heapMb)} MB (--max-old-space-size in NODE_OPTIONS); it is "${maxCachedWorkflows}"`,
    );
  }
  return problems;
}
