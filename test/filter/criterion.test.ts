import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine, matchesAny, matchesTags, matchesText, matchesTime } from '#shared/filter/criterion.ts'

const names = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })

describe('a criterion', () => {
  it('matches everything when omitted or empty', () => {
    for (const nothing of [undefined, {}]) {
      expect(matchesAny('a', nothing) ?? true).toBe(true)
      expect(matchesText('a', nothing) ?? true).toBe(true)
      expect(matchesTags([], nothing) ?? true).toBe(true)
      expect(matchesTime(null, nothing) ?? true).toBe(true)
    }
  })

  it('matches nothing for an empty any_, and everything for an empty not_any_', () => {
    expect(matchesAny('a', { any_: [] })).toBe(false)
    expect(matchesAny('a', { not_any_: [] })).toBe(true)
    expect(matchesAny(null, { any_: ['a'] })).toBe(false)
    expect(matchesAny(null, { not_any_: ['a'] })).toBe(false)
    expect(matchesAny(null, { not_any_: [] })).toBe(true)
    expect(matchesTags(['a'], { any_: [] })).toBe(false)
    expect(matchesTags(['a'], { all_: [] })).toBe(true)
  })

  it('is negated by not_any_', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', 'c'), names, (value, list) => {
        expect(matchesAny(value, { not_any_: list })).toBe(!matchesAny(value, { any_: list }))
      }),
    )
  })

  it('combines its members by its operator', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', null), names, fc.boolean(), (value, any_, is_null_) => {
        const members = [matchesAny(value, { any_ }), matchesAny(value, { is_null_ })]
        expect(matchesAny(value, { operator: 'and_', any_, is_null_ })).toBe(members.every(Boolean))
        expect(matchesAny(value, { operator: 'or_', any_, is_null_ })).toBe(members.some(Boolean))
      }),
    )
  })

  it('ignores empty members in an or_', () => {
    expect(combine('or_', [undefined, false])).toBe(false)
    expect(combine('or_', [undefined, undefined])).toBe(true)
    expect(combine(undefined, [true, undefined])).toBe(true)
  })

  it('matches substrings case-insensitively', () => {
    expect(matchesText('Nightly ETL', { like_: 'etl' })).toBe(true)
    expect(matchesText('Nightly ETL', { like_: 'e.l' })).toBe(false)
    expect(matchesText('a', { any_: ['b'], like_: 'a' })).toBe(false)
  })

  it('includes both bounds of a time, and can match a missing one', () => {
    expect(matchesTime(5, { after_: 5, before_: 5 })).toBe(true)
    expect(matchesTime(5, { after_: 6 })).toBe(false)
    expect(matchesTime(null, { before_: 6 })).toBe(false)
    expect(matchesTime(null, { before_: 6 }, 5)).toBe(true)
    expect(matchesTime(null, { after_: 6 }, 5)).toBe(false)
    expect(matchesTime(null, { is_null_: true }, 5)).toBe(true)
    expect(matchesTime(5, { is_null_: true })).toBe(false)
  })
})
