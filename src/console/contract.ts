import type {
  BulkAct,
  BulkResult,
  BulkVerb,
  LiveReport,
  PendingOperation,
  SagaCall,
  SagaCounts,
  SagaState,
} from '../client';
import type { StepReport, StepState, UndoPreview } from '../saga';
import type { SagaVerb, StepDecision } from '../view/decisions';
import type { MapEdge, MapNode } from '../view/definition-map';
import type { SagaSpans, Span } from '../view/spans';

export type { DefinitionMap, MapEdge, MapNode } from '../view/definition-map';
export type { SagaVerb, StepDecision } from '../view/decisions';

/* What the console's server and its page say to each other, as JSON. Times are ISO 8601 unless said otherwise. */

/** A line of a list. */
export interface SagaLine {
  readonly sagaId: string;
  readonly workflow: string;
  readonly state: SagaState;
  /** The code for which it unwound. */
  readonly reason?: string;
  readonly stuckStep?: string;
  /** Why its workflow task fails. */
  readonly problem?: string;
  readonly startedAt: string;
  readonly closedAt?: string;
}

/** Which sagas: all conditions together. `where` is one of Temporal's list filter. */
export interface ListFilter {
  readonly workflow?: string;
  readonly state?: SagaState;
  readonly where?: string;
}

/** `GET /api/sagas?workflow=&state=&where=&cursor=`: 50 sagas, the latest started first. */
export interface SagaPageOfList {
  readonly sagas: readonly SagaLine[];
  /** For the next page; absent on the last one. */
  readonly cursor?: string;
}

/*
 * `GET /api/decisions?workflow=&state=&where=`: what operators decided about the latest 1,000 sagas of a filter, each line a
 * `SagaDecision` (`src/view/decisions-taken.ts`).
 */

/** `GET /api/overview?workflow=&where=` */
export interface Overview {
  /** When it was read; it is kept for some seconds. */
  readonly at: string;
  readonly counts: SagaCounts;
  /** The workflow types of the latest sagas, and of the configuration. */
  readonly workflows: readonly string[];
  readonly incidents: readonly Incident[];
}

/** Sagas that only a person can help, with the same cause. */
export interface Incident {
  /** `task-failing`: their workflow task fails, so they do nothing at all until their code is mended. */
  readonly kind: 'stuck' | 'task-failing';
  readonly workflow: string;
  readonly step?: string;
  /** Codes of the failures in those sagas that were read, the most frequent first. Empty when no worker answered. */
  readonly causes: readonly {
    readonly code: string;
    readonly message: string;
    readonly count: number;
    readonly since: string;
  }[];
  /** How many of the latest thousand stuck, or failing, sagas. */
  readonly count: number;
  /** Finds them. */
  readonly filter: ListFilter;
}

/** `GET /api/sagas/:id` */
export interface SagaDetails {
  readonly saga: SagaLine;
  /** Absent when no worker answered. */
  readonly report?: LiveReport;
  /** Why there is no report. */
  readonly unreported?: string;
  /** What the server holds for it, also while no worker answers. */
  readonly pending: readonly PendingOperation[];
  readonly map: {
    readonly nodes: readonly (MapNode & {
      readonly state: StepState;
      readonly code?: string;
      readonly compensation?: NonNullable<StepReport['compensation']>['state'];
    })[];
    readonly edges: readonly MapEdge[];
  };
  /** When operations ran, in epoch milliseconds. */
  readonly timeline: Pick<SagaSpans, 'from' | 'to'> & {
    readonly steps: readonly { readonly name: string; readonly spans: readonly Span[] }[];
  };
  /** What would be undone if it unwound now; absent when it is over or no worker answered. */
  readonly undo?: UndoPreview;
  readonly decisions: readonly StepDecision[];
  /** What can be asked of the saga as a whole now. */
  readonly verbs: readonly SagaVerb[];
}

/** `GET /api/sagas/:id/payloads`: inputs and outputs as the history holds them, decoded and then redacted as the console was told to. */
export interface SagaPayloads {
  readonly input: unknown;
  readonly result?: unknown;
  /** The `input` of an action is what `Act.input` replaces. */
  readonly operations: readonly SagaCall[];
  /** Whether values may have been replaced, so that they must not be sent back. */
  readonly redacted: boolean;
}

/** `POST /api/sagas/:id/acts`; answered with an {@link ActResult} when its effect was seen, or not in time. */
export interface Act {
  readonly verb: BulkVerb;
  readonly actor: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly step?: string;
  /** For `retry`: JSON to call the step with from now on. Absent: as before. */
  readonly input?: unknown;
  /** For `resolve`. */
  readonly output?: unknown;
}

/** What came of an act: `result` is the effect that was seen, not only that it was accepted. */
export type ActResult = Pick<BulkResult, 'sagaId' | 'at' | 'result' | 'message' | 'state' | 'rescueId'>;

/** `POST /api/batches`, answered with a {@link Batch}, and `POST /api/batches/estimate`, which does nothing and is answered with {@link Estimate}. */
export interface NewBatch extends BulkAct {
  readonly filter: ListFilter;
  /** @default 10 */
  readonly perSecond?: number;
  /** @default 10 000 */
  readonly max?: number;
}

/** How many sagas a batch would be about, and the first of them. */
export interface Estimate {
  readonly count: number;
  readonly first: readonly SagaLine[];
}

/** `GET /api/batches`: the latest begun first. `GET /api/batches/:id`; `POST /api/batches/:id/{suspend,resume,cancel}`, answered with it. */
export interface Batch {
  readonly id: string;
  readonly verb: BulkVerb;
  readonly filter: ListFilter;
  readonly step?: string;
  readonly actor: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly at: string;
  /** `interrupted`: the console that ran it has ended; it can be resumed. */
  readonly state: 'runs' | 'suspended' | 'cancelled' | 'done' | 'interrupted';
  readonly total: number;
  /** How many sagas ended how: `{ done: 190, 'still-stuck': 10 }`. */
  readonly results: Readonly<Partial<Record<BulkResult['result'], number>>>;
  /** The latest of those that are not `done`, at most 100. All results: `GET /api/batches/:id/log`, JSON lines. */
  readonly failures: readonly ActResult[];
}

/**
 * `GET /api/live?saga=`: server-sent events, each with JSON as its data, all of them at once, and then when something has changed: `overview` {@link Overview},
 * `batches` {@link Batch}[], and `saga` {@link SagaDetails} of the saga that was asked for.
 */
export type LiveEvent = 'overview' | 'batches' | 'saga';

/** Body of every answer that is not 2xx. `POST /api/login` takes `{ token }`, and answers 204 with a cookie. */
export interface ConsoleError {
  /** `TOKEN_MISSING` with 401: log in. */
  readonly code: string;
  readonly message: string;
}
