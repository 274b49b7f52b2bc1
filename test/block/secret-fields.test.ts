import { expect, it } from 'vitest'
import { filledSecrets } from '#shared/block/secret-fields.ts'

const filled = (secret_fields: unknown, data: Record<string, unknown>) => filledSecrets({ secret_fields }, data)

it('finds values in secret fields, at the top level and nested', () => {
  expect(filled(['a', 'b'], { a: 'x', b: '', c: 'y' })).toEqual(['a'])
  expect(filled(['child.token'], { child: { token: 'x', other: 'y' } })).toEqual(['child.token'])
  expect(filled(['headers.*'], { headers: { any: 'x' } })).toEqual(['headers.*'])
  expect(filled(['a'], { a: { b: [0] } })).toEqual(['a'])
  expect(filled(['a', 'a'], { a: false })).toEqual(['a'])
})

it('searches lists and dictionaries, whose keys are not in the schema', () => {
  expect(filled(['many.token'], { many: [{ token: '' }, { token: 'x' }] })).toEqual(['many.token'])
  expect(filled(['by.token'], { by: { key: { token: 'x' } } })).toEqual(['by.token'])
  expect(filled(['many.*'], { many: [{ a: 'x' }] })).toEqual(['many.*'])
  expect(filled(['token'], { other: { token: 'x' } })).toEqual([])
})

it.each([
  ['nothing', undefined],
  ['null', null],
  ['empty text', ''],
  ['an empty object', { a: { b: [] } }],
  ['a template', ' {{ prefect.variables.token }} '],
  ['another block', { $ref: { block_document_id: '00000000-0000-4000-8000-000000000000' } }],
])('accepts %s', (_, value) => {
  expect(filled(['a', 'a.b', 'a.*'], { a: value })).toEqual([])
})

it.each([
  ['a template with more around it', 'user:pw@{{ host }}'],
  ['two templates', '{{ a }}secret{{ b }}'],
])('treats %s as a value', (_, value) => {
  expect(filled(['a'], { a: value })).toEqual(['a'])
})

it.each([[undefined], ['a'], [{ a: 1 }], [[1, null]]])('ignores malformed secret fields: %j', (secretFields) => {
  expect(filled(secretFields, { a: 'x' })).toEqual([])
})
