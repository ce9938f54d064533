import { isText, recall, remember } from '../memory';

interface Props {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly mono?: boolean;
  readonly autofocus?: boolean | undefined;
}

const NOT_BLANK = '.*\\S.*';

/** A line of text with its label. */
export function TextField({ name, label, value, hint, required, mono, autofocus }: Props) {
  const hintId = hint === undefined ? undefined : `${name}-hint`;
  return (
    <div class="field">
      <label for={`field-${name}`}>
        {label}
        {required ? '' : ' (optional)'}
      </label>
      <input
        id={`field-${name}`}
        name={name}
        defaultValue={value ?? ''}
        required={required}
        pattern={required ? NOT_BLANK : undefined}
        title={required ? 'Not only spaces' : undefined}
        autofocus={autofocus}
        maxLength={1_000}
        autocomplete="off"
        spellcheck={!mono}
        class={mono ? 'mono' : undefined}
        aria-describedby={hintId}
      />
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Who decides, and why: kept in the saga's report and history. */
export function SignatureFields({ autofocus }: { readonly autofocus?: boolean | undefined }) {
  const actor = recall('actor', isText) ?? '';
  const [first, second] = actor === '' ? [autofocus, false] : [false, autofocus];
  return (
    <>
      <TextField name="actor" label="Who decides" value={actor} required autofocus={first} />
      <TextField
        name="reason"
        label="Why"
        hint="It is kept in the saga's history."
        required
        autofocus={second}
      />
      <TextField name="ticket" label="Ticket" />
    </>
  );
}

/** Asks for a confirmation of what cannot be undone. */
export function ConfirmField({ what }: { readonly what: string }) {
  return (
    <label class="confirm">
      <input type="checkbox" name="confirmed" required /> {what}
    </label>
  );
}

/** Who decides, and why. */
export interface SignatureGiven {
  readonly actor: string;
  readonly reason: string;
  readonly ticket?: string;
}

/** What was filled in; the actor is remembered. */
export function readSignature(form: HTMLFormElement): SignatureGiven {
  const [actor, reason, ticket] = ['actor', 'reason', 'ticket'].map((name) => fieldText(form, name));
  remember('actor', actor);
  return { actor: actor ?? '', reason: reason ?? '', ...(ticket && { ticket }) };
}

export function fieldText(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}
