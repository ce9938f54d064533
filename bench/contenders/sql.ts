import { Pool } from 'pg';
import { perform, undo, Undeliverable } from '../business/services';
import { type Table, tables } from '../business/order';
import type { Contender } from './contender';

/** The four statements one after the other, with no engine at all: what a process that never dies needs. */
export const bareSql: Contender = async ({ databaseUrl }, { slots }) => {
  const pool = new Pool({ connectionString: databaseUrl, max: slots });
  return {
    async fulfil(order) {
      const done: Table[] = [];
      try {
        for (const table of tables) {
          await perform(pool, table, order);
          done.unshift(table);
        }
        return { kind: 'completed' };
      } catch (error) {
        if (!(error instanceof Undeliverable)) throw error;
        for (const table of done) await undo(pool, table, order);
        return { kind: 'compensated' };
      }
    },
    stop: () => pool.end(),
  };
};
