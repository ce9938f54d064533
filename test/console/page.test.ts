import { describe, expect, it } from '@jest/globals';
import type { Act, ActResult } from '../../src/console/contract';
import { answerText } from '../../src/console/ui/act/answer-text';
import { confirmationOf, effectText } from '../../src/console/ui/act/act-text';
import { listHref, mapHref, parseRoute, sagaHref } from '../../src/console/ui/addresses';

describe('addresses of the console', () => {
  it.each(['order-A17', 'a/b?c#d&e=f', `"><img src=x> \u202e`, '100%', 'ünïcode 😀', '..'])(
    'lead back to the saga %j',
    (sagaId) => expect(parseRoute(sagaHref(sagaId))).toEqual({ view: 'saga', sagaId }),
  );

  it('lead back to a map and to a filter', () => {
    const filter = { workflow: 'a & b', state: 'stuck', where: `SagaStuckStep = 'x=1&y'` } as const;
    expect(parseRoute(mapHref('a/b'))).toEqual({ view: 'map', workflow: 'a/b' });
    expect(parseRoute(listHref(filter))).toEqual({ view: 'sagas', filter });
    expect(parseRoute(listHref({}))).toEqual({ view: 'sagas', filter: {} });
  });

  it('exist for an id with half a surrogate pair', () =>
    expect(sagaHref('a\ud800')).toBe('#/saga/a%EF%BF%BD'));

  it.each(['', '#', '#/'])('open the overview for %j', (hash) =>
    expect(parseRoute(hash)).toEqual({ view: 'overview' }),
  );

  it('ignore a state that does not exist', () =>
    expect(parseRoute('#/sagas?state=constructor&where=')).toEqual({ view: 'sagas', filter: {} }));

  it.each(['#/nothing', '#/saga/', '#/map', '#/saga/%E0%A4%A'])('do not exist: %j', (hash) =>
    expect(parseRoute(hash)).toEqual({ view: 'unknown' }),
  );
});

describe('the answer to an act', () => {
  const signed = { actor: 'grace', reason: 'the bank is back' };
  const retry: Act = { verb: 'retry', step: 'capture-payment', ...signed };
  const answer = (result: Omit<ActResult, 'sagaId' | 'at'>, act: Act = retry) =>
    answerText(act, { sagaId: 'order-A17', at: '2026-01-01T00:00:00.000Z', ...result });

  it('names the effect that was seen', () => {
    expect(answer({ result: 'done', state: 'completed' })).toBe(
      'capture-payment is no longer stuck; the saga is completed.',
    );
    expect(answer({ result: 'still-stuck', state: 'stuck', message: '42P01: no relation' })).toBe(
      'capture-payment failed again and is still stuck: 42P01: no relation. The saga is stuck.',
    );
    expect(
      answer({ result: 'done', state: 'rescued', rescueId: 'rescue-1' }, { verb: 'rescue', ...signed }),
    ).toBe('The saga was undone by rescue-1; it is rescued.');
  });

  it('says what is not known', () => {
    expect(answer({ result: 'pending', state: 'stuck' })).toMatch(
      /^Accepted, but the effect was not seen in time/,
    );
    expect(answer({ result: 'failed', message: 'connection lost' })).toMatch(
      /^It is not known whether this was accepted: connection lost/,
    );
    expect(answer({ result: 'refused', message: 'DESK_NOT_STUCK: it runs' })).toBe(
      'Refused, and nothing was changed: DESK_NOT_STUCK: it runs',
    );
  });
});

it('asks for a confirmation of what cannot be undone', () => {
  const confirmed = (['retry', 'resolve', 'skip', 'cancel', 'abandon', 'rescue', 'reverse'] as const).filter(
    (verb) => confirmationOf(verb) !== undefined,
  );
  expect(confirmed).toEqual(['skip', 'cancel', 'abandon', 'rescue', 'reverse']);
});

it('tells an action from a compensation', () => {
  const decision = { step: 'reserve-stock', verbs: ['retry'], needsOutput: false } as const;
  expect(effectText({ verb: 'retry', decision: { ...decision, op: 'undo' } })).toContain(
    'the compensation of reserve-stock',
  );
  expect(effectText({ verb: 'retry', decision: { ...decision, op: 'do' } })).not.toContain('compensation');
});
