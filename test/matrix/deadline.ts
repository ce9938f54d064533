const DAY_MS = 24 * 3_600_000;

/** An order's saga has no deadline of its own. In the matrix it has one, far beyond the pauses between rounds. */
export const matrixDeadline = { deadline: 30 * DAY_MS };

/** Of a saga that is also a step of another: not at the same moment, or the test server loses a workflow task. */
export const nestedDeadline = { deadline: 45 * DAY_MS };
