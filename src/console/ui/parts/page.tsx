import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApiError } from '../api';
import { FailureText, printable } from './words';

/** The heading of a view, and the title of the window. */
export function Heading({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${printable(title).slice(0, 80)} · Unwind`;
  }, [title]);
  return (
    <h1 tabIndex={-1} id="heading">
      <bdi>{printable(title)}</bdi>
      {children}
    </h1>
  );
}

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A part of a view, with its heading. */
export function Section({ id, title, children }: SectionProps) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** What the server answered instead: code and message. */
export function ErrorNote({ error }: { readonly error: ApiError }) {
  return (
    <p class="note bad" role="alert">
      <FailureText code={error.code} message={error.message} />
    </p>
  );
}

interface AwaitedProps {
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

/** What a view shows while it has no data. */
export function Awaited({ error, reload }: AwaitedProps) {
  if (!error)
    return (
      <p class="muted" role="status">
        Loading…
      </p>
    );
  return (
    <>
      <ErrorNote error={error} />
      <button type="button" onClick={reload}>
        Try again
      </button>
    </>
  );
}
