/** Limits of one worker that must fit each other. */
interface RelatedLimits {
  readonly maxActivities: number;
  readonly poolSize: number;
  readonly maxWorkflowTasks: number;
  readonly maxCachedWorkflows: number;
}

/** The setting that a limit was read from. */
type NameOf = (limit: string) => string;

/** What a process may use, in MB. */
export interface ProcessMemory {
  /** The limit of its V8 heap. */
  readonly heapMb: number;
  /** The memory of its container, or else of its machine. */
  readonly totalMb: number;
}

/*
 * What a workflow that is kept in memory takes, in MB: an order that waits for its review, the most that was measured with the sagas of
 * the shop (docs/deployment.md).
 */
const HEAP_PER_WORKFLOW_MB = 0.1;
/** The SDK keeps a state of it outside of that heap as well. */
const MEMORY_PER_WORKFLOW_MB = 0.4;
/** An orchestrator that keeps none. */
const MEMORY_OF_PROCESS_MB = 200;

/** How many workflows fit, and into what. */
function roomsOf({
  heapMb,
  totalMb,
}: ProcessMemory): readonly { readonly room: number; readonly where: string }[] {
  return [
    {
      room: Math.floor(heapMb / 2 / HEAP_PER_WORKFLOW_MB),
      where: `half of the heap of ${Math.floor(heapMb)} MB (--max-old-space-size in NODE_OPTIONS)`,
    },
    {
      room: Math.max(0, Math.floor((totalMb - MEMORY_OF_PROCESS_MB) / MEMORY_PER_WORKFLOW_MB)),
      where: `what the process leaves of the ${Math.floor(totalMb)} MB of its container or machine`,
    },
  ];
}

/** How many workflows half of the heap and the memory of the process hold. */
export function cachedWorkflowsThatFit(memory: ProcessMemory): number {
  return Math.min(...roomsOf(memory).map(({ room }) => room));
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
 * @param memory what its process may use.
 */
export function findOrchestratorConflicts(
  { maxWorkflowTasks, maxCachedWorkflows }: RelatedLimits,
  nameOf: NameOf,
  memory: ProcessMemory,
): string[] {
  const problems: string[] = [];
  // A cache that is too small for what runs at once has workflows push each other out; none at all is a choice.
  if (maxCachedWorkflows > 0 && maxCachedWorkflows < maxWorkflowTasks) {
    problems.push(
      `${nameOf('MAX_CACHED_WORKFLOWS')} must be 0, or at least ${nameOf('MAX_WORKFLOW_TASKS')}, which is ` +
        `${maxWorkflowTasks}; it is "${maxCachedWorkflows}"`,
    );
  }
  for (const { room, where } of roomsOf(memory))
    if (maxCachedWorkflows > room)
      problems.push(
        `${nameOf('MAX_CACHED_WORKFLOWS')} must be at most ${room}, which take ${where}; it is "${maxCachedWorkflows}"`,
      );
  return problems;
}
