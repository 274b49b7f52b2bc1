import { describe, expect, it } from 'vitest'
import { compilePattern, searchPattern } from '#shared/pattern/match-pattern.ts'
import { PatternError } from '#shared/pattern/parse-pattern.ts'

const found = (source: string, text: string) => searchPattern(compilePattern(source), text, () => {})

function faultOf(source: string): string {
  try {
    compilePattern(source)
    return 'fine'
  } catch (error) {
    if (error instanceof PatternError) return error.kind
    throw error
  }
}

/** A pattern, texts that it matches, and texts that it does not, according to Python 3.11. */
const PATTERNS: [string, string[], string[]][] = [
  ['', ['', 'a'], []],
  ['b', ['b', 'abc'], ['', 'B', 'ac']],
  ['^a.c$', ['abc', 'a-c', 'abc\n'], ['ac', 'xabc', 'a\nc', 'abc\n\n']],
  ['^(ab|cd)+$', ['ab', 'abcdab'], ['', 'abc']],
  ['^(|a)b?$', ['', 'a', 'ab', 'b'], ['aa']],
  ['^a{2}$', ['aa'], ['a', 'aaa']],
  ['^a{2,}$', ['aa', 'aaaa'], ['a']],
  ['^a{,2}$', ['', 'aa'], ['aaa']],
  ['^(a|b{2}){1,2}$', ['a', 'bba', 'bbbb'], ['b', 'aaa']],
  ['^(a*)*$', ['', 'aaa'], ['b']],
  ['^a*?b+?$', ['b', 'aab'], ['a']],
  ['{}a{b}', ['{}a{b}'], ['a']],
  ['^[a-c]$', ['a', 'c'], ['d', '-', '']],
  ['^[^a-c]$', ['d', '\n', '😀'], ['a', '']],
  ['^[]a-]$', [']', 'a', '-'], ['b']],
  ['^[^]]$', ['a'], [']']],
  ['^[\\w.\\-]+$', ['a_1.-', 'größe', '名前'], ['a b', '']],
  ['^\\d{3}$', ['123', '١٢٣'], ['12', 'abc']],
  ['^\\S+\\s\\D\\W$', ['ab c!'], ['ab 1!']],
  ['\\bcat\\b', ['a cat.', 'cat'], ['cats', 'concat']],
  ['\\Bat', ['cat'], ['at', '']],
  ['\\Aa\\Z', ['a'], ['a\n', 'ba']],
  ['^\\x41\\u00e9\\U0001F600\\t\\.$', ['Aé😀\t.'], ['Aé']],
  ['(?i)^[a-c]É$', ['bé', 'BÉ'], ['dé']],
  ['(?s)^.$', ['\n'], ['']],
  ['(?m)^b$', ['a\nb\nc'], ['ab']],
  ['^(?P<year>\\d+)-(?:x|y)$', ['12-x'], ['12-z']],
]

describe('a pattern', () => {
  it.each(PATTERNS)('%j matches %j and not %j', (source, inThese, notInThese) => {
    expect(inThese.filter((text) => !found(source, text))).toEqual([])
    expect(notInThese.filter((text) => found(source, text))).toEqual([])
  })

  it.each([
    '(',
    ')',
    'a)',
    '[',
    '[a',
    '*',
    'a**',
    '^*',
    '(?:a',
    '\\',
    '[b-a]',
    '[\\d-z]',
    'a{2,1}',
    '\\x4',
    '\\U00110000',
  ])('%j is malformed', (source) => expect(faultOf(source)).toBe('malformed'))

  it.each(['(?=a)', '(?<!a)b', '(a)\\1', '(?P<a>b)(?P=a)', 'a++', '\\p{L}', '(?#note)', 'a{99999}', 'a{1,9999}'])(
    '%j cannot be searched in bounded time',
    (source) => expect(faultOf(source)).toBe('unknown'),
  )
})

describe('the cost of a search', () => {
  const workOf = (source: string, text: string) => {
    let total = 0
    searchPattern(compilePattern(source), text, (work) => {
      total += work
    })
    return total
  }

  it.each([
    ['^(a+)+$', `${'a'.repeat(1_000)}b`],
    ['^(\\w+\\s?)*$', `${'x'.repeat(1_000)}!`],
    [`${'a?'.repeat(60)}${'a'.repeat(60)}`, 'a'.repeat(59)],
    ['(.*)(.*)(.*)(.*)z', 'y'.repeat(1_000)],
    ['(a|a)*b', 'a'.repeat(1_000)],
    ['(()*)*b', 'a'.repeat(1_000)],
  ])('for %s grows only with the text and the pattern', (source, text) => {
    const { steps } = compilePattern(source)
    expect(found(source, text)).toBe(false)
    expect(workOf(source, text)).toBeLessThanOrEqual((text.length + 1) * (steps.length + 1))
  })

  it('may be capped by the caller', () => {
    const enough = () => {
      throw new RangeError('enough')
    }
    expect(() => searchPattern(compilePattern('b'), 'aaa', enough)).toThrow('enough')
  })

  it('of parsing a pattern is bounded, too', () => {
    expect(faultOf('('.repeat(2_000))).toBe('unknown')
    expect(faultOf('(a{100}){100}')).toBe('unknown')
    expect(faultOf('((((a{9}){9}){9}){9}){9}')).toBe('unknown')
    expect(faultOf('(((){60000}){60000}){60000}')).toBe('unknown')
    expect(faultOf('a'.repeat(6_000))).toBe('unknown')
    expect(faultOf('a?'.repeat(1_500))).toBe('fine')
  })
})
