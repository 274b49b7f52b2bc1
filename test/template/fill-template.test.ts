import { describe, expect, it } from 'vitest'
import { fillTemplate } from '#shared/template/fill-template.ts'
import { TemplateError } from '#shared/template/nested.ts'

const values = {
  x: 5,
  name: 'brisk',
  none: null,
  on: true,
  list: [{ k: 'first' }, 'last'],
  deep: { 'a-b': { c: 1.5 }, 'it\'s "so"': [] },
  größe: 'XL',
  again: '{{ x }}',
}

describe('a text that is one placeholder', () => {
  it.each<[string, unknown]>([
    ['{{ x }}', 5],
    ['{{x}}', 5],
    ['{{   x }}', 5],
    ['{{ none }}', null],
    ['{{ list }}', values.list],
    ['{{ deep.a-b.c }}', 1.5],
    ['{{ list[0].k }}', 'first'],
    ['{{ list.0.k }}', 'first'],
    ['{{ list[-1] }}', 'last'],
    ['{{ name[0] }}', 'b'],
    ['{{ größe }}', 'XL'],
    ['{{ again }}', '{{ x }}'],
    ['{{ missing }}', undefined],
    ['{{ x.missing }}', undefined],
    ['{{ list[7] }}', undefined],
    ['{{ constructor }}', undefined],
    ['{{ deep.__proto__ }}', undefined],
  ])('%s becomes the value in its own type: %j', (template, value) => {
    expect(fillTemplate(template, values)).toEqual(value)
  })

  it('is removed with its key or list position if there is no value', () => {
    const template = { a: '{{ missing }}', b: ['{{ missing }}', '{{ x }}', { c: '{{ missing }}' }], d: null }
    expect(fillTemplate(template, values)).toEqual({ b: [5, {}], d: null })
  })
})

describe('a placeholder within other text', () => {
  it.each([
    ['{{ name }}-{{ x }}', 'brisk-5'],
    ['{{ x }} ', '5 '],
    ['a{{ missing }}b', 'ab'],
    // As Python writes values.
    ['{{ on }} {{ none }}', 'True None'],
    ['= {{ list }}', "= [{'k': 'first'}, 'last']"],
    ['= {{ deep }}', `= {'a-b': {'c': 1.5}, 'it\\'s "so"': []}`],
    ['{{ again }}!', '{{ x }}!'],
  ])('%s becomes text: %s', (template, text) => {
    expect(fillTemplate(template, values)).toBe(text)
  })
})

it.each(['plain', '{{ }}', '{ x }', '{{ x y }}', '{{ x', 'x }}', ''])('%j has no placeholder and stays', (text) => {
  expect(fillTemplate(text, values)).toBe(text)
})

it.each(['{{ prefect.variables.x }}', 'a {{ prefect.blocks.json.x.y }} b'])('%s is left for later', (text) => {
  expect(fillTemplate(text, values)).toBe(text)
})

it("a reference to a worker's environment is reported as unsupported", () => {
  expect(() => fillTemplate({ a: ['{{ $HOME }}'] }, values)).toThrow(TemplateError)
  expect(() => fillTemplate('{{ $HOME }}/bin', values)).toThrow("{{ $HOME }} refers to a worker's environment variable")
})

it("members named like Object.prototype's are ordinary members", () => {
  const filled = fillTemplate(JSON.parse('{"__proto__": {"a": "{{ x }}"}}'), values)
  expect(JSON.stringify(filled)).toBe('{"__proto__":{"a":5}}')
  expect(({} as { a?: unknown }).a).toBeUndefined()
})

it('hostile texts are searched quickly', () => {
  const text = `${'{{'.repeat(50_000)}${' '.repeat(50_000)}${'{{ a'.repeat(50_000)}`
  expect(fillTemplate(text, values)).toBe(text)
})

it.each([
  ['{{ large }}'.repeat(30)],
  [Array.from({ length: 30 }, () => 'x{{ large }}')],
  [Array.from({ length: 30 }, () => '{{ large }}')],
  ['{{ large[0] }}'.repeat(30)],
])('a template cannot exhaust memory or time', (template) => {
  const large = { large: 'y'.repeat(50_000) }
  expect(() => fillTemplate(template, large)).toThrow('more than 1,000,000 characters')
  expect(fillTemplate('{{ large }}!', large)).toHaveLength(50_001)
})
