import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { action, compensation, type Database, Refusal } from '../../src/participant';
import type { ParticipantInterceptor } from '../../src/testing/seen-operation';
import type { UndoFault } from './undo-cases';

/** What every participant was deployed with when its action ran, and what it is deployed with when that is undone. */
const before = { input: z.looseObject({}), output: z.unknown() };
const more = z.looseObject({ addedByDeploy: z.string().default('by default') });
const after = { input: more, output: more };

/**
 * B9: between an action and its undo its participant is deployed with another schema, whose input and output have one more
 * field with a default; the undo works from what was stored. The participants are behind the real barrier.
 */
export function schemaChanged(database: Database): UndoFault {
  const undone = new Map<string, unknown>();

  const interceptor: ParticipantInterceptor = async ({ argument, call, operation }, next) => {
    const refusing = () =>
      next().catch((error: unknown) => {
        if (error instanceof ApplicationFailure && error.nonRetryable)
          throw new Refusal(error.type ?? '', error.message);
        throw error;
      });
    if (call.op === 'undo') {
      const undo = compensation(database, after, async (_, done) => {
        await next();
        undone.set(`${call.sagaId} ${operation.name}`, done);
      });
      return await undo(argument as never, call);
    }
    return call.op === 'do'
      ? await action(database, before, refusing)(argument as never, call)
      : await next();
  };

  return {
    name: 'schema-changed',
    options: { interceptor },
    struck: ({ operations }, name) => {
      const undo = operations.get(name);
      const done = undone.get(`${undo?.call.sagaId} ${name}`) as
        { input: object; output: object } | undefined;
      return done !== undefined && 'addedByDeploy' in done.input && 'addedByDeploy' in done.output;
    },
  };
}
