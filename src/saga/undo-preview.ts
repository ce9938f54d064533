import { defineQuery } from '@temporalio/workflow';
import type { Entry } from './core/entry';
import { jsonBytes, MAX_PAYLOAD_BYTES } from './core/payload-size';
import type { SagaState } from './core/state';

/** A compensation that would run. Its `input` and `output` are what it would be given. */
export interface PreviewedUndo {
  readonly step: string;
  readonly participant: string;
  readonly compensation: string;
  readonly input: unknown;
  /** Absent while the action's outcome is unknown. */
  readonly output?: unknown;
}

/** What would be undone if the saga failed now. */
export interface UndoPreview {
  /** After the pivot nothing is undone any more, and once the saga is over nothing is left to do. */
  readonly canUnwind: boolean;
  /** In order; the compensations of one wave would run at once. */
  readonly waves: readonly (readonly PreviewedUndo[])[];
  /** How many compensations, the last ones, are left out because the server would not take the preview with them. */
  readonly omitted?: number;
}

/** "If it failed now, this would be undone, in this order, with these inputs." */
export const undoPreviewQuery = defineQuery<UndoPreview>('undoPreview');

export function previewUndo({ phase, ledger }: SagaState): UndoPreview {
  const canUnwind = phase === 'forward' || phase === 'pivot' || phase === 'unwinding';
  return fitting({ canUnwind, waves: canUnwind ? ledger.undoPlan.map((wave) => wave.map(preview)) : [] });
}

/** The preview as the server takes it: of very much that would be undone the first part. */
function fitting({ canUnwind, waves }: UndoPreview): UndoPreview {
  let left = MAX_PREVIEW_BYTES;
  const fits = (undo: PreviewedUndo) => (left -= jsonBytes(undo)) >= 0;
  const kept = waves.map((wave) => wave.filter(fits)).filter((wave) => wave.length > 0);
  const omitted = waves.flat().length - kept.flat().length;
  return { canUnwind, waves: kept, ...(omitted > 0 && { omitted }) };
}

/** Room for one compensation with the largest input and output; the rest of the server's 2 MiB is for a codec. */
const MAX_PREVIEW_BYTES = 2 * MAX_PAYLOAD_BYTES + 1_000;

function preview({ id, step, input, outcome }: Entry): PreviewedUndo {
  return {
    step: id,
    participant: step.participant.name,
    compensation: step.compensation ?? '',
    input,
    ...(outcome?.kind === 'succeeded' && { output: outcome.output }),
  };
}
