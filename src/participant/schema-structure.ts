import type { ParticipantErrorCode } from './error-codes';
import { ParticipantError } from './errors';

/** What a zod schema says of itself. Any other schema says nothing, and nothing is taken for known of it. */
interface Definition {
  readonly type: string;
  readonly coerce?: boolean;
}

interface Part {
  readonly path: string;
  readonly definition: Definition;
}

/** Where a definition has the schemas that it is made of. */
const PARTS = ['shape', 'element', 'items', 'rest', 'catchall', 'innerType', 'keyType', 'valueType'];
/** The same, where not each of them has to accept a value. */
const ALTERNATIVES = ['options', 'left', 'right', 'in', 'out'];

/** Whose values are of the same type whether a rule (a length, a pattern) is broken or not, and which change none. */
const PLAIN = new Set(
  (
    'string number boolean null undefined literal enum template_literal any unknown never ' +
    'object array record optional nullable nonoptional readonly union'
  ).split(' '),
);

/** What no JSON holds. */
const NOT_JSON = new Set(['date', 'bigint', 'map', 'set', 'nan', 'symbol', 'function', 'promise', 'file']);

/** Whether it is known that a schema returns what it accepts as it is, and that what breaks its rules is of its type. */
export function isPlain(schema: unknown): boolean {
  const parts = partsOf(schema, '', [...PARTS, ...ALTERNATIVES]);
  return (
    parts.length > 0 && parts.every(({ definition }) => PLAIN.has(definition.type) && !definition.coerce)
  );
}

/** @throws ParticipantError `ANSWER_NOT_JSON` for an output of which it is known that no JSON holds it. */
export function requireJsonSchema(schema: unknown): void {
  const wrong = partsOf(schema, 'output', [...PARTS, 'out'])
    .filter(({ definition }) => NOT_JSON.has(definition.type))
    .map(({ path, definition }) => `${path} is a ${definition.type}`);
  if (wrong.length === 0) return;
  const code: ParticipantErrorCode = 'ANSWER_NOT_JSON';
  throw new ParticipantError(code, `The answer of an action must be JSON: ${wrong.join('; ')}`);
}

function partsOf(
  schema: unknown,
  path: string,
  within: readonly string[],
  seen = new Set<unknown>(),
): Part[] {
  const definition = definitionOf(schema);
  if (!definition || seen.has(definition)) return [];
  seen.add(definition);
  const inner = within.flatMap((key) =>
    schemasIn((definition as unknown as Record<string, unknown>)[key]).flatMap(([name, part]) =>
      partsOf(part, name === '' ? path : `${path}.${name}`, within, seen),
    ),
  );
  return [{ path, definition }, ...inner];
}

/** The schemas of a field of a definition, by name: it holds one, several, or none. */
function schemasIn(field: unknown): [string, unknown][] {
  if (typeof field !== 'object' || field === null) return [];
  return definitionOf(field) ? [['', field]] : Object.entries(field);
}

function definitionOf(schema: unknown): Definition | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  return (schema as { readonly _zod?: { readonly def?: Definition } })._zod?.def;
}
