import type { UndoPreview } from '../../saga';
import { table } from './table';

export function previewText({ canUnwind, waves, omitted }: UndoPreview, columns?: number): string {
  if (!canUnwind) return 'nothing would be undone: the saga is past its pivot, or has ended';
  const rows = waves.flatMap((wave, index) =>
    wave.map(({ step, compensation, participant, input }) => [
      index + 1,
      step,
      compensation,
      participant,
      JSON.stringify(input),
    ]),
  );
  const text = table(['Wave', 'Step', 'Compensation', 'Participant', 'Input'], rows, columns);
  return omitted === undefined ? text : `${text}\nand ${omitted} more`;
}
