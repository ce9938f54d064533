/** A number and what it counts: `1 saga`, `1,200 sagas`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString()} ${what}${count === 1 ? '' : 's'}`;
}
