/** A time of the workflow's clock as ISO 8601. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
