import fc from 'fast-check';

/** Texts that have broken something somewhere. */
const known = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202etxt.exe',
  'שלום עולם',
  '😀'.repeat(3),
  'e\u0301',
  '\ufeff',
  "'; DROP TABLE orders; --",
  '$1',
  '%s%n',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  '<script>alert(1)</script>',
  '[click](javascript:alert(1))',
  '![x](http://evil.example/x.png)',
  'https://evil.example',
  'www.evil.example',
  'root@evil.example',
  '&#104;ttps://evil.example',
  '`code` | pipe | **bold** _it_ ~~no~~ \\',
  'line\n# head\n\n- list\r\n> quote',
  '\u001b[2J\u001b]0;title\u0007',
  'x'.repeat(5_000),
] as const;

/** Any UTF-16 text: control characters and halves of surrogate pairs among it, and what is known to be strange. */
export const strangeText = fc.oneof(
  fc.constantFrom(...known),
  fc
    .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.constantFrom(...known), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
);

/** Numbers that are no quantity and no amount. */
export const strangeNumber = fc.constantFrom(
  -1,
  -0.5,
  0.1,
  1.5,
  10_001,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  Number.NaN,
  Infinity,
);

/** Anything at all that JSON can hold, and some of what it cannot. */
export const strangeValue: fc.Arbitrary<unknown> = fc.oneof(
  strangeText,
  strangeNumber,
  fc.constantFrom(null, undefined, true, [], {}, [[]]),
  fc.dictionary(strangeText, fc.oneof(strangeText, strangeNumber), { maxKeys: 3 }),
  fc.array(fc.oneof(strangeText, strangeNumber), { maxLength: 3 }),
);

/** One field of a plain object replaced by something strange, one missing, or one too many, at any depth. */
export function spoiled<T extends object>(good: T): fc.Arbitrary<unknown> {
  const paths = pathsOf(good);
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...paths), strangeValue)
      .map(([path, value]) => replaced(good, path, () => value)),
    fc.constantFrom(...paths).map((path) => replaced(good, path, () => REMOVED)),
    fc.tuple(strangeText, strangeValue).map(([key, value]) => ({ ...good, [`extra ${key}`]: value })),
  );
}

const REMOVED = Symbol('removed');

function pathsOf(value: object): string[][] {
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...(typeof inner === 'object' && inner !== null ? pathsOf(inner).map((path) => [key, ...path]) : []),
  ]);
}

function replaced(value: object, [key = '', ...rest]: string[], by: () => unknown): object {
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...value };
  const fields = copy as Record<string, unknown>;
  const next = rest.length === 0 ? by() : replaced(fields[key] as object, rest, by);
  if (next === REMOVED) delete fields[key];
  else fields[key] = next;
  return copy;
}
