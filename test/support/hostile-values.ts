/** Values that no field expects, by what is wrong with them. */
export const HOSTILE_VALUES: Record<string, unknown> = {
  null: null,
  true: true,
  zero: 0,
  'a negative': -1,
  'a fraction': 1.5,
  'a number past exact integers': 2 ** 53 + 2,
  'the largest number': Number.MAX_VALUE,
  'the empty string': '',
  blanks: ' \t ',
  'a long string': 'x'.repeat(20_000),
  'a NUL': 'a\0b',
  'line feeds': 'a\r\nSet-Cookie: x=1',
  'a terminal escape': '\u001b[2Jgone',
  'half a surrogate pair': '\ud800',
  'text that runs right to left': '\u202egnp.exe',
  'a path upwards': '../../etc/passwd',
  'NaN in words': 'NaN',
  'a day that does not exist': '2026-02-30T00:00:00Z',
  'a time zone that does not exist': '2026-01-01T00:00:00+99:99',
  'a UUID that is none': '00000000-0000-0000-0000-00000000000g',
  'the empty list': [],
  'a list of null': [null],
  'a list of lists': [[[]]],
  'a long list': Array.from({ length: 5_000 }, (_, n) => n),
  'the empty object': {},
  'a prototype': JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  'names of operators': { any_: null, $gt: '', operator: 'xor_', startswith_: 1 },
  'an object within an object': nested(40),
}

/** Bodies that are no JSON, or JSON of the wrong kind, with the status that each must get (or several). */
export const HOSTILE_BODIES: Record<string, { text: string; statuses: readonly number[] }> = {
  'half an object': { text: '{', statuses: [400] },
  'an object without a value': { text: '{"a":}', statuses: [400] },
  'two values': { text: '{} {}', statuses: [400] },
  'a word': { text: 'hello', statuses: [400] },
  NaN: { text: '{"limit":NaN}', statuses: [400] },
  'single quotes': { text: "{'a':1}", statuses: [400] },
  'a NUL': { text: '\0', statuses: [400] },
  'a string': { text: '"x"', statuses: [422] },
  'a number': { text: '1', statuses: [422] },
  null: { text: 'null', statuses: [422] },
  'a hundred levels': { text: '['.repeat(100) + ']'.repeat(100), statuses: [422] },
  'a hundred thousand levels': { text: '['.repeat(100_000) + ']'.repeat(100_000), statuses: [422] },
  'a number without end': { text: `{"limit":1e999}`, statuses: [422, 200, 201, 204, 404] },
}

/** Segments of a path that name nothing; none may do more than be not found or refused. */
export const HOSTILE_SEGMENTS: readonly string[] = [
  'none',
  'not-a-uuid',
  '00000000-0000-0000-0000-000000000000',
  '%00',
  '%ff',
  '%',
  '%zz',
  '%252e%252e',
  '%2F',
  'a%0d%0ab',
  '__proto__',
  'constructor',
  encodeURIComponent('é'.repeat(500)),
  encodeURIComponent("' OR 1=1 --"),
  '%F0%9F%92%A3',
  '-1',
]

function nested(levels: number): unknown {
  let value: unknown = 'deep'
  for (let level = 0; level < levels; level += 1) value = { a: value }
  return value
}
