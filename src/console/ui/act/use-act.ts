import { useState } from 'preact/hooks';
import type { Act, ActResult } from '../../contract';
import { asApiError, post } from '../api';
import { segment } from '../addresses';
import type { AskedAct } from './act-text';
import type { Answer } from './answer';

/** The decision that is being made about a saga, and what came of the last one. */
export interface ActState {
  readonly asked: AskedAct | undefined;
  readonly answer: Answer | undefined;
  readonly ask: (asked: AskedAct) => void;
  readonly send: (act: Act) => void;
  readonly close: () => void;
}

/** @param onAnswer called when the saga may have changed. */
export function useAct(sagaId: string, onAnswer: () => void): ActState {
  const [asked, setAsked] = useState<AskedAct>();
  const [answer, setAnswer] = useState<Answer>();
  const send = async (act: Act) => {
    setAnswer({ act });
    try {
      const result = await post<ActResult>(`/api/sagas/${segment(sagaId)}/acts`, act);
      setAnswer({ act, result });
    } catch (error) {
      setAnswer({ act, error: asApiError(error) });
    }
    onAnswer();
  };
  return {
    asked,
    answer,
    ask: (next) => {
      setAnswer(undefined);
      setAsked(next);
    },
    send: (act) => void send(act),
    close: () => setAsked(undefined),
  };
}
