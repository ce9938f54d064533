/** An order's saga has no deadline of its own. In the matrix it has one, far beyond the pauses between rounds. */
export const matrixDeadline = { deadlineMs: 30 * 24 * 3_600_000 };
