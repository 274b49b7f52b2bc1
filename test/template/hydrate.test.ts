import { describe, expect, it } from 'vitest'
import { HydrationError, hydrate, hydratedVariables } from '#shared/template/hydrate.ts'

const kind = (name: unknown, rest: object = {}) => ({ __prefect_kind: name, ...rest })
const variable = (name: unknown) => kind('workspace_variable', { variable_name: name })
const variables: Record<string, unknown> = { tag: 'v7', sizes: { cpu: 512 }, nothing: null }
const find = (name: string) => (Object.hasOwn(variables, name) ? { value: variables[name] } : undefined)

describe('values that refer to others', () => {
  it.each<[unknown, unknown]>([
    [{ a: kind('json', { value: '[1, {"b": null}]' }) }, { a: [1, { b: null }] }],
    [{ a: kind('json', { value: 5 }) }, { a: 5 }],
    [
      { a: variable('sizes'), b: [variable('nothing')] },
      { a: { cpu: 512 }, b: [null] },
    ],
    [{ a: variable(kind('json', { value: '"tag"' })) }, { a: 'v7' }],
    [{ a: kind('none', { value: { b: variable('tag') } }) }, { a: { b: 'v7' } }],
    [{ a: kind('jinja', { template: 'plain text' }) }, { a: 'plain text' }],
    // An empty reference is removed; an unknown kind becomes its value.
    [{ a: kind('json'), b: [kind('workspace_variable'), 1] }, { b: [1] }],
    [kind('json'), {}],
    [
      { a: kind('other', { value: 1 }), b: kind('other'), c: kind(null, { value: 2 }) },
      { a: 1, b: null, c: 2 },
    ],
    [
      { a: 'plain', b: [1, { c: true }] },
      { a: 'plain', b: [1, { c: true }] },
    ],
  ])('%j become %j', (given, expected) => {
    expect(hydrate(given as never, find)).toEqual(expected)
  })

  it.each([
    [{ a: kind('json', { value: '{' }) }, 'Invalid JSON'],
    [{ a: kind('json', { value: variable('tag') }) }, 'Invalid JSON'],
    [{ a: kind('json', { value: '['.repeat(100) + ']'.repeat(100) }) }, 'Invalid JSON: it is nested deeper'],
    [{ a: kind('none') }, "Missing 'value' key in __prefect object"],
    [{ a: kind('jinja') }, "Missing 'template' key in __prefect object"],
    [{ a: kind('jinja', { template: '{{ 1 }}' }) }, 'Invalid jinja'],
    [{ a: variable('missing') }, "Variable 'missing' not found in workspace."],
    [{ a: variable(5) }, "Variable '5' not found in workspace."],
    [kind('json', { value: '[]' }), 'do not resolve to an object'],
  ])('%j cannot be resolved', (given, reason) => {
    expect(() => hydrate(given as never, find)).toThrow(HydrationError)
    expect(() => hydrate(given as never, find)).toThrow(reason)
  })

  it('name the variables to read; most name none', () => {
    const given = { a: variable('tag'), b: [{ c: variable(kind('json', { value: '"sizes"' })) }], d: variable('tag') }
    expect([...hydratedVariables(given)]).toEqual(['tag', 'sizes'])
    expect(hydratedVariables({ a: { b: ['plain'] } }).size).toBe(0)
  })
})
