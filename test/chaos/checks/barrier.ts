import { serviceNames } from '../../../services/names';
import type { Databases } from './databases';
import type { Answer, Violation } from './violation';

/** A row of a participant's barrier; `at` in microseconds, on the one clock of the database server. */
interface Row {
  readonly sagaId: string;
  readonly step: string;
  readonly op: 'do' | 'undo';
  readonly state: 'done' | 'refused' | 'blocked';
  readonly at: bigint;
}

/** The steps of an order in waves: those of a wave overlap, each wave begins when the one before it has settled. */
const forward = [['open-order'], ['reserve-stock', 'authorise-payment'], ['book-shipment']];
const afterPivot = ['dispatch-shipment', 'ship-stock', 'confirm-order'];
const past = ['capture-payment', ...afterPivot];

/** The barrier's rows of closed sagas tell what was done and undone, in which order. */
export async function checkBarrier(answers: readonly Answer[], databases: Databases): Promise<Violation[]> {
  const bySaga = new Map<string, Row[]>();
  for (const service of serviceNames) {
    const { rows } = await databases[service].query<Omit<Row, 'at'> & { at: string }>(
      `SELECT saga_id AS "sagaId", step, op, state, (extract(epoch FROM created_at) * 1000000)::bigint AS at
       FROM saga_barrier`,
    );
    for (const row of rows) {
      bySaga.set(row.sagaId, [...(bySaga.get(row.sagaId) ?? []), { ...row, at: BigInt(row.at) }]);
    }
  }
  return answers.flatMap((answer) => {
    const rows = bySaga.get(answer.sagaId) ?? [];
    return answer.ended === 'completed' ? checkDone(answer, rows) : checkUndone(answer, rows);
  });
}

/** How many actions were blocked because their compensation came first: what at-most-once alone would not have caught. */
export async function countBlocked(databases: Databases): Promise<number> {
  let blocked = 0;
  for (const service of serviceNames) {
    const { rowCount } = await databases[service].query(`SELECT FROM saga_barrier WHERE state = 'blocked'`);
    blocked += rowCount ?? 0;
  }
  return blocked;
}

function checkDone({ sagaId }: Answer, rows: readonly Row[]): Violation[] {
  const missing = [...forward.flat(), ...past].filter(
    (step) => !rows.some((row) => row.step === step && row.op === 'do' && row.state === 'done'),
  );
  const undone = rows.filter(({ op }) => op === 'undo').map(({ step }) => step);
  return [
    ...missing.map((step) => ({ kind: 'never-done', about: sagaId, what: `it completed without ${step}` })),
    ...undone.map((step) => ({ kind: 'undone-though-completed', about: sagaId, what: `${step} was undone` })),
  ];
}

function checkUndone({ sagaId, ended, partly = false, wasReset }: Answer, rows: readonly Row[]): Violation[] {
  const done = rows.filter(({ op, state }) => op === 'do' && state === 'done').map(({ step }) => step);
  const undone = new Set(rows.filter(({ op }) => op === 'undo').map(({ step }) => step));
  const waves = forward.map((steps) => steps.flatMap((step) => undoneAt(rows, step)));
  const disorders = waves.flatMap((wave, index) =>
    wave.flatMap((earlier) =>
      waves
        .slice(index + 1)
        .flat()
        .filter((later) => later.at >= earlier.at)
        .map((later) => `${earlier.step} was undone before ${later.step}`),
    ),
  );
  return [
    ...done
      .filter((step) => !undone.has(step) && !(partly && wasReset && afterPivot.includes(step)))
      .map((step) => ({
        kind: 'never-undone',
        about: sagaId,
        what: `it ended ${ended} and ${step} was not undone`,
      })),
    ...disorders.map((what) => ({ kind: 'undone-in-disorder', about: sagaId, what })),
  ];
}

/** When a step was undone, or blocked because it had not come. */
function undoneAt(rows: readonly Row[], step: string): readonly Row[] {
  return rows.filter((row) => row.step === step && (row.op === 'undo' || row.state === 'blocked'));
}
