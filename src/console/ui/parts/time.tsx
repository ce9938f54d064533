import { durationText } from '../../../view/duration';

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

/** @param from ISO 8601. @param to ISO 8601. */
export function between(from: string, to: string): string {
  return durationText(Date.parse(to) - Date.parse(from));
}
