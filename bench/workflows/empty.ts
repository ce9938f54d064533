/** The least that Temporal can do: a workflow without a step. */
export async function emptyWorkflow(): Promise<void> {}
