import fc from 'fast-check';

/** Stands in a value for a number that JSON has and JavaScript cannot keep; {@link odd} texts are written by `written`. */
const rawMark = '\u0001raw:';

/** A value as JSON text, with the numbers that only a text can hold. */
export function written(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.replaceAll(/"\\u0001raw:([^"]*)"/g, '$1');
}

const rawNumbers = ['1e999', '-1e999', '-0', '1E400', '0.1e-400', `${'9'.repeat(400)}`, '1.0', '1e2'].map(
  (number) => `${rawMark}${number}`,
);

const numbers = [
  ...[0, -1, 1, 2, 0.5, -0.5, 7, 127, 128, 255, 256, 999, 1000, 1001, 9_999, 10_000, 10_001, 65_535, 65_536],
  ...[1_000_000, 1_000_001, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e21],
  ...[1e300, 1e-300, Number.MAX_VALUE, Number.MIN_VALUE, -(2 ** 31), -(2 ** 53)],
];

const texts = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '\r\n',
    '\t',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\uffff',
    '\ud800',
  ],
  ...[
    '\udc00\ud800',
    '👩‍👩‍👧‍👦',
    '🏳️‍🌈',
    'ß',
    'İ',
    'ﷺ',
    'e\u0301',
    '\u001b[2J',
    '%00',
    '%s%n',
    '\u0024{jndi:x}',
    '{{7*7}}',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', 'toJSON'],
  ...[
    '../../etc/passwd',
    '/dev/zero',
    'C:\\',
    'data:,',
    'data:image/png;base64,',
    'null',
    'NaN',
    'true',
    '0',
    '-',
  ],
  ...['$ref', '$base64', '$blob', 'image/png', 'a red fox', 'a lighthouse in a storm'],
];

const repeated = fc
  .tuple(
    fc.constantFrom(
      'x',
      ' ',
      '\0',
      'A',
      '=',
      'é',
      '😀',
      '\u0301',
      '\ud800',
      '"',
      '\\',
      '[',
      '{"a":',
      'a,',
      '1,',
      '.',
    ),
    fc.constantFrom(10, 199, 200, 201, 400, 401, 4096, 16_384, 16_385, 65_536, 300_000),
    fc.constantFrom('', '!', '=', 'x'),
  )
  .map(([unit, times, end]) => `${unit.repeat(times)}${end}`);

/** Texts of any script and of none, short for the most part. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts) },
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: repeated },
);

const nested = fc
  .tuple(fc.constantFrom(2, 63, 64, 65, 99, 100, 101, 1000), fc.boolean())
  .map(([depth, isObject]) => {
    let value: unknown = 0;
    for (let level = 0; level < depth; level += 1) value = isObject ? { a: value } : [value];
    return value;
  });

const wide = fc
  .tuple(
    fc.constantFrom<unknown>(
      0,
      '',
      null,
      {},
      [],
      'a red fox',
      { $ref: {} },
      { $base64: 'AAAA' },
      { a: [{}] },
    ),
    fc.constantFrom(2, 8, 9, 100, 10_000, 10_001, 60_000, 200_000),
  )
  .map(([value, times]) => Array<unknown>(times).fill(value));

const marked = fc.oneof(
  anyText.map((text) => ({ $base64: text })),
  fc
    .record({
      blob_id: anyText,
      encoding: fc.constantFrom('utf8', 'binary', 7),
      bytes: fc.constantFrom(...numbers),
    })
    .map((reference) => ({ $ref: reference })),
  fc
    .record({
      offset: fc.constantFrom(...numbers),
      length: fc.constantFrom(...numbers),
      encoding: fc.constant('utf8'),
    })
    .map((place) => ({ $blob: place })),
);

/** What a careful reader trips over. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(...numbers, ...rawNumbers) },
  { weight: 5, arbitrary: anyText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: {} }) },
  { weight: 2, arbitrary: marked },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: wide },
  { weight: 1, arbitrary: fc.jsonValue() },
);
