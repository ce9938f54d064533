import type { UndoPreview } from '../../../saga';
import { Code, Json, Words } from '../parts/words';

/** What would be compensated if the saga unwound now, in order. */
export function Undo({ undo: { canUnwind, waves, omitted } }: { readonly undo: UndoPreview }) {
  if (!canUnwind) return <p>Nothing would be undone: the saga is past its pivot, or has ended.</p>;
  if (waves.length === 0) return <p>Nothing would be undone: no step is completed.</p>;
  return (
    <>
      <p>These compensations would run, one line after the other; those of one line at once.</p>
      <ol class="waves">
        {waves.map((wave, index) => (
          <li key={index}>
            {wave.map(({ step, compensation, participant, input, output }) => (
              <details key={step}>
                <summary>
                  <Words text={step} />: <Code text={compensation} /> at <Words text={participant} />
                </summary>
                <Json value={{ input, output }} label={`Input and output of ${step}`} />
              </details>
            ))}
          </li>
        ))}
      </ol>
      {omitted !== undefined && <p class="muted">and {omitted} more</p>}
    </>
  );
}
