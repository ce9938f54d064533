import type { Act, ActResult } from '../../contract';
import type { ApiError } from '../api';
import { FailureText, Message, Words } from '../parts/words';
import { sagaHref } from '../addresses';
import { answerText, answerTone } from './answer-text';

/** How far an act is: it was sent, the effect was seen, or the server did not take it. */
export interface Answer {
  readonly act: Act;
  readonly result?: ActResult;
  readonly error?: ApiError;
}

/** What came of an act, for a region that is announced. */
export function AnswerNote({ answer: { act, result, error } }: { readonly answer: Answer }) {
  if (error)
    return (
      <p class="note bad">
        <FailureText code={error.code} message={error.message} />
      </p>
    );
  if (!result) return <p class="note busy">Waiting for the effect of {act.verb}…</p>;
  return (
    <p class={`note ${answerTone(result)}`}>
      <Message text={answerText(act, result)} />
      {result.rescueId !== undefined && (
        <>
          {' '}
          See{' '}
          <a href={sagaHref(result.rescueId)}>
            <Words text={result.rescueId} />
          </a>
          .
        </>
      )}
    </p>
  );
}
