/** Control characters except those that only lay text out, and bidirectional controls. */
const STEERING = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu;
const LONG = 400;
const SHOWN = 240;

/** Text with control characters written as escapes, so that it cannot look like another one. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Text that a person or a service wrote: isolated from the text around it, and wrapped anywhere. */
export function Words({ text }: { readonly text: string }) {
  return <bdi class="words">{printable(text)}</bdi>;
}

/** A name that code uses, such as an id or a failure's code. */
export function Code({ text }: { readonly text: string }) {
  return (
    <code>
      <Words text={text} />
    </code>
  );
}

/** A message of any length; a long one is folded. */
export function Message({ text }: { readonly text: string }) {
  if (text.length <= LONG) return <Words text={text} />;
  return (
    <details class="long">
      <summary>
        <Words text={`${text.slice(0, SHOWN)}…`} /> <span class="more">({text.length} characters)</span>
      </summary>
      <Words text={text} />
    </details>
  );
}

/** A failure: its code and its message. */
export function FailureText({ code, message }: { readonly code: string; readonly message: string }) {
  return (
    <>
      <Code text={code} />: <Message text={message} />
    </>
  );
}

/** A value as JSON. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <pre class="json" tabIndex={0} role="region" aria-label={label}>
      {printable(JSON.stringify(value, null, 2) ?? 'nothing')}
    </pre>
  );
}
