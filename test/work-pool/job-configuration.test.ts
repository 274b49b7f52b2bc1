import { describe, expect, it } from 'vitest'
import { TemplateError } from '#shared/template/nested.ts'
import { fillConfiguration, mergeLayers, parseTemplate } from '#shared/work-pool/job-configuration.ts'

type Variables = Record<string, unknown>

const template = (configuration: Variables, defaults: Variables = {}) =>
  parseTemplate({
    job_configuration: configuration,
    variables: {
      properties: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { default: value }])),
    },
  })

describe("a deployment's variables under a run's", () => {
  it.each<[Variables, Variables, Variables]>([
    [{ a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { a: null }, { a: null }],
    [{ env: { A: '1', B: '1' } }, { env: { B: '2' } }, { env: { A: '1', B: '2' } }],
    [{ env: { A: '1' } }, { env: null }, { env: { A: '1' } }],
    [{ env: { A: '1' } }, {}, { env: { A: '1' } }],
    [{ env: { A: '1' } }, { env: 'none' }, { env: 'none' }],
    [{ env: 'none' }, { env: { B: '2' } }, { env: { B: '2' } }],
    [{}, { env: { B: '2' } }, { env: { B: '2' } }],
  ])('%j under %j is %j', (deployment, run, merged) => {
    expect(mergeLayers(deployment, run)).toEqual(merged)
  })
})

describe('filling a job configuration', () => {
  it('falls back to defaults; a null default is no default, but a given null counts', () => {
    const filled = fillConfiguration(template({ a: '{{ a }}', b: '{{ b }}', c: '{{ c }}' }, { a: 1, b: null, c: 3 }), {
      c: null,
    })
    expect(filled).toEqual({ a: 1, c: null })
  })

  it.each<[string, unknown, Variables, Variables, unknown]>([
    ['the one given', '{{ env }}', {}, { env: { A: '1' } }, { A: '1' }],
    [
      'the default under the one given',
      '{{ env }}',
      { env: { A: '0', B: '0' } },
      { env: { A: '1' } },
      { A: '1', B: '0' },
    ],
    [
      "the template's under both",
      { A: 't', T: 't' },
      { env: { A: '0' } },
      { env: { B: '1' } },
      { A: '0', T: 't', B: '1' },
    ],
    ['one written with dots', '{{ env }}', {}, { 'env.A': '1', 'env.B': '1', env: { B: '2' } }, { A: '1', B: '2' }],
    ['with placeholders of its own', { A: '{{ tag }}' }, { tag: 'v1' }, {}, { A: 'v1' }],
    ["the template's, where null is given", { A: 't' }, {}, { env: null }, { A: 't' }],
    ["the template's, where it is no map", 'A=t', {}, { env: { B: '1' } }, 'A=t'],
    ["the template's, where neither is a map", 'A=t', {}, { env: 'B=1' }, 'A=t'],
    ["the template's, where the default is empty", 'A={{ tag }}', { tag: 'v1', env: {} }, {}, 'A=v1'],
    ['kept for validation when it cannot be merged', { A: '1' }, {}, { env: 'A=1' }, 'A=1'],
  ])('env is %s', (_what, env, defaults, values, filled) => {
    expect(fillConfiguration(template({ env }, defaults), values).env).toEqual(filled)
  })

  it('fills nothing where the template has no configuration', () => {
    expect(fillConfiguration(parseTemplate({}), { env: { A: '1' } })).toStrictEqual({})
  })

  it('reports when one variable conflicts with another', () => {
    const values = { 'a.b': 1, 'a.b.c': 2 }
    expect(() => fillConfiguration(template({ x: '{{ a }}' }), values)).toThrow(TemplateError)
  })

  it('pollutes no prototype', () => {
    const values = JSON.parse('{"__proto__.polluted": 1, "constructor.prototype.polluted": 1}') as Variables
    fillConfiguration(template({ x: '{{ a }}' }), values)
    expect(({} as Variables).polluted).toBeUndefined()
  })
})

it.each([{}, { job_configuration: {}, variables: {} }, { variables: {} }, { job_configuration: [] }])(
  'a template like %j has no configuration',
  (given) => {
    expect(parseTemplate(given).configuration).toBeUndefined()
  },
)
