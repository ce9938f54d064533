import { defineQuery } from '@temporalio/workflow';
import type { Entry } from './core/entry';
import type { SagaState } from './core/saga-state';

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
}

/** "If it failed now, this would be undone, in this order, with these inputs." */
export const undoPreviewQuery = defineQuery<UndoPreview>('undoPreview');

export function previewUndo({ phase, ledger }: SagaState): UndoPreview {
  const canUnwind = phase === 'forward' || phase === 'pivot' || phase === 'unwinding';
  return { canUnwind, waves: canUnwind ? ledger.undoPlan.map((wave) => wave.map(preview)) : [] };
}

function preview({ id, step, input, outcome }: Entry): PreviewedUndo {
  return {
    step: id,
    participant: step.participant.name,
    compensation: step.compensation ?? '',
    input,
    ...(outcome?.kind === 'succeeded' && { output: outcome.output }),
  };
}
