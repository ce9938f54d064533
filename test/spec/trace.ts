/** An entry of the model, as far as the code shows the same. */
export interface ModelEntry {
  readonly kind: string;
  readonly outcome: string;
  readonly undo: string;
  readonly stuck: boolean;
  readonly asked: boolean;
  readonly told: boolean;
}

/** A state of the model (spec/types.qnt, spec/saga.qnt). */
export interface ModelState {
  readonly s: {
    readonly goOn: boolean;
    readonly phase: string;
    readonly entries: readonly ModelEntry[];
    readonly savePoints: readonly { readonly failed: boolean; readonly ended: boolean }[];
    readonly interruptions: ReadonlyMap<string, string>;
    readonly faulted: boolean;
  };
  readonly view: {
    readonly canAdvance: boolean;
    readonly due: readonly number[];
    readonly standing: ReadonlySet<number>;
    readonly mayPivot: boolean;
    readonly orphaned: ReadonlySet<number>;
  };
}

/** What the model did, what it chose while doing it, and what came of it. */
export interface Step {
  readonly action: string;
  readonly picks: Readonly<Record<string, unknown>>;
  readonly state: ModelState;
}

export type Trace = readonly Step[];

/** @param itf a trace in the Informal Trace Format, with the metadata of `quint run --mbt`. */
export function readTrace(itf: string): Trace {
  const { states } = JSON.parse(itf) as { states: readonly Record<string, unknown>[] };
  return states.map((written) => {
    const named = Object.entries(written).map(([name, value]) => [
      name.split('::').at(-1) ?? name,
      decode(value),
    ]);
    const { actionTaken, nondetPicks, ...state } = Object.fromEntries(named) as {
      actionTaken: string;
      nondetPicks: Record<string, unknown>;
    };
    const picks = Object.entries(nondetPicks).flatMap(([name, pick]) =>
      isVariant(pick) ? [[name, pick.value]] : [],
    );
    return { action: actionTaken, picks: Object.fromEntries(picks), state: state as unknown as ModelState };
  });
}

interface Variant {
  readonly variant: string;
  readonly value: unknown;
}

function isVariant(value: unknown): value is Variant {
  return typeof value === 'object' && value !== null && 'variant' in value;
}

/** Integers become numbers, variants without a value their names. */
function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if ('#bigint' in value) return Number(value['#bigint']);
  if ('#tup' in value) return decode(value['#tup']);
  if ('#set' in value) return new Set(decode(value['#set']) as unknown[]);
  if ('#map' in value) return new Map(decode(value['#map']) as [unknown, unknown][]);
  if ('tag' in value && 'value' in value) {
    const of = decode(value.value);
    return Array.isArray(of) && of.length === 0 ? value.tag : { variant: value.tag, value: of };
  }
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, decode(of)]));
}
