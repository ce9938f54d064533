const today = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** An instant in local time, with the UTC instant as its title. @param at ISO 8601, or epoch milliseconds. */
export function Time({ at }: { readonly at: string | number }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <bdi>{at}</bdi>;
  const utc = date.toISOString();
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={utc} title={utc}>
      {(isToday ? today : otherDay).format(date)}
    </time>
  );
}

/** A duration for people, as the command line writes it: `840 ms`, `12.3 s`, `4 min`, `5 h`, `3 d`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/** @param from ISO 8601. @param to ISO 8601. */
export function between(from: string, to: string): string {
  return durationText(Date.parse(to) - Date.parse(from));
}
