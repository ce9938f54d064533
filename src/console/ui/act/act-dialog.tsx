import { useState } from 'preact/hooks';
import type { Act } from '../../contract';
import { Dialog } from '../parts/dialog';
import { ConfirmField, readSignature, SignatureFields } from '../parts/fields';
import { printable, Words } from '../parts/words';
import { type AskedAct, confirmationOf, effectText, labelOf } from './act-text';
import { AnswerNote } from './answer';
import { CorrectedInput } from './corrected-input';
import { JsonField, readJson } from './json-field';
import type { ActState } from './use-act';

interface Props {
  readonly sagaId: string;
  readonly asked: AskedAct;
  readonly state: ActState;
}

/** Asks who decides and why, sends it, and shows the effect that was seen. */
export function ActDialog({ sagaId, asked, state: { answer, send, close } }: Props) {
  const [jsonError, setJsonError] = useState<string>();
  const { verb, decision } = asked;
  const confirmation = confirmationOf(verb);
  const isSent = answer !== undefined && answer.error === undefined;
  const isWaiting = isSent && answer.result === undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = readJson(form);
    setJsonError(given.error);
    if (given.error !== undefined) {
      form.querySelector('textarea')?.focus();
      return;
    }
    const value = given.value === undefined ? {} : { [verb === 'retry' ? 'input' : 'output']: given.value };
    const act: Act = { verb, ...readSignature(form), ...(decision && { step: decision.step }), ...value };
    send(act);
  };
  const title = printable(`${labelOf(verb)} ${decision?.step ?? 'this saga'}`);
  return (
    <Dialog title={title} describedBy="act-effect" onClose={close}>
      <p class="muted">
        <Words text={sagaId} />
      </p>
      <p id="act-effect">
        <Words text={effectText(asked)} />
      </p>
      {verb === 'skip' && (
        <p class="hint">
          If the definition asks for two people, another actor must confirm it within 24 hours.
        </p>
      )}
      <form onSubmit={submit} hidden={isSent}>
        {verb === 'retry' && decision && (
          <CorrectedInput sagaId={sagaId} step={decision.step} error={jsonError} />
        )}
        {verb === 'resolve' && decision?.needsOutput && (
          <JsonField
            label={`Output of ${decision.step}, as JSON`}
            hint="What the action would have returned."
            error={jsonError}
            required
          />
        )}
        <SignatureFields autofocus />
        {confirmation !== undefined && <ConfirmField what={confirmation} />}
        <p class="actions">
          <button type="submit" class={confirmation === undefined ? 'primary' : 'danger'}>
            {labelOf(verb)}
          </button>
          <button type="button" onClick={close}>
            Go back
          </button>
        </p>
      </form>
      <div role="status">{answer && <AnswerNote answer={answer} />}</div>
      {isSent && (
        <p class="actions">
          <button type="button" class="primary" ref={focus} onClick={close}>
            {isWaiting ? 'Close, and see the effect on the page' : 'Close'}
          </button>
        </p>
      )}
    </Dialog>
  );
}

/** The form that had the focus is gone. */
function focus(button: HTMLElement | null): void {
  button?.focus();
}
