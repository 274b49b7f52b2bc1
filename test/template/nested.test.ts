import { expect, it } from 'vitest'
import { nestDotted, TemplateError } from '#shared/template/nested.ts'

it('dotted names become nested members, and yield to members already nested', () => {
  expect(nestDotted({ 'env.A': '1', 'env.B.c': 2, env: { A: 'nested', D: 3 }, plain: 4 })).toEqual({
    env: { A: 'nested', B: { c: 2 }, D: 3 },
    plain: 4,
  })
  expect(nestDotted({ 'a.b': { c: 1 }, 'a.b.d': 2 })).toEqual({ a: { b: { c: 1, d: 2 } } })
  expect(JSON.stringify(nestDotted({ '__proto__.a': 1 }))).toBe('{"__proto__":{"a":1}}')
})

it.each([{ 'a.b': 1, 'a.b.c': 2 }, { 'a.b': null, 'a.b.c': 2 }, { ['a.'.repeat(5_000)]: 1 }])(
  'rejects contradictory or too deep names: %o',
  (values) => {
    expect(() => nestDotted(values)).toThrow(TemplateError)
  },
)

it('handles as many names as a request can hold', () => {
  const names = Array.from({ length: 50_000 }, (_, n) => [`env.A${n}`, ''])
  expect(Object.keys(nestDotted(Object.fromEntries(names)).env as object)).toHaveLength(names.length)
})
