import { describe, expect, it } from 'vitest'
import { blockDocumentIdOf } from '#shared/block/block-document.ts'
import { blockTypeIdOf } from '#shared/block/block-type.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { NOTHING_FOUND, referencesOf, resolveReferences } from '#shared/template/references.ts'

const idOf = (slug: string, name: string) => blockDocumentIdOf(blockTypeIdOf(slug), name)
const REGISTRY = '0192f0c1-2d3e-7a4b-8c5d-000000000001'
const found = {
  blocks: new Map<string, Record<string, unknown>>([
    [idOf('json', 'settings'), { value: { values: 3, list: [{ k: 'v' }] } }],
    [idOf('docker-registry', 'ours'), { url: 'ecr.aws', tag: '{{ prefect.variables.tag }}' }],
    [REGISTRY, { url: 'ecr.aws' }],
  ]),
  variables: new Map<string, unknown>([
    ['tag', 'v7'],
    ['sizes', { cpu: 512 }],
    ['nothing', null],
    ['sly', '{{ prefect.variables.tag }}'],
  ]),
}

describe('resolving', () => {
  it.each<[unknown, unknown]>([
    ['{{ prefect.variables.sizes }}', { cpu: 512 }],
    ['{{ prefect.variables.nothing }}', null],
    ['{{ prefect.variables.missing }}', ''],
    ['img:{{ prefect.variables.tag }}{{ prefect.variables.missing }}', 'img:v7'],
    ['{{ prefect.variables.sly }}', '{{ prefect.variables.tag }}'],
    ['{{ prefect.blocks.json.settings }}', { values: 3, list: [{ k: 'v' }] }],
    ['{{ prefect.blocks.json.settings.value.values }}', 3],
    // A member whose name only begins with `value` is inside it.
    ['{{ prefect.blocks.json.settings.values }}', 3],
    ['{{ prefect.blocks.json.settings.list[0].k }}', 'v'],
    ['{{ prefect.blocks.docker-registry.ours.url }}/{{ prefect.variables.tag }}', 'ecr.aws/v7'],
    // References in a block's data are resolved, too.
    ['{{ prefect.blocks.docker-registry.ours.tag }}', 'v7'],
    [{ a: [{ $ref: { block_document_id: REGISTRY.toUpperCase() } }] }, { a: [{ url: 'ecr.aws' }] }],
    [
      { a: 'plain', b: [1, null, true], $ref: 'not one' },
      { a: 'plain', b: [1, null, true], $ref: 'not one' },
    ],
  ])('%j gives %j', (template, value) => {
    expect(resolveReferences(template, found)).toEqual(value)
  })

  it.each([
    ['{{ prefect.blocks.json.gone }}', "Block not found: 'gone' of type 'json'."],
    [{ $ref: { block_document_id: missingId() } }, `Block not found: ID '${missingId()}'.`],
    ['{{ prefect.blocks.json.settings.nope }}', 'refers to a value that its block does not have'],
    ['a {{ prefect.blocks.json.settings }}', "can't be embedded in other text"],
    ['{{ prefect.blocks.json }}', 'is not a reference to a block'],
  ])('%j cannot be resolved', (template, reason) => {
    expect(() => resolveReferences(template, found)).toThrow(TemplateError)
    expect(() => resolveReferences(template, found)).toThrow(reason)
  })
})

it.each([
  '{{ prefect.variables.large }}'.repeat(30),
  '{{ prefect.blocks.string.large }}'.repeat(30),
  Array.from({ length: 30 }, () => '{{ prefect.variables.large }}'),
  Array.from({ length: 30 }, () => ({ $ref: { block_document_id: idOf('string', 'large') } })),
])('many references to one large value are rejected', (template) => {
  const large = 'y'.repeat(50_000)
  const huge = {
    blocks: new Map([[idOf('string', 'large'), { value: large }]]),
    variables: new Map([['large', large]]),
  }
  expect(() => resolveReferences(template, huge)).toThrow('more than 1,000,000 characters')
  expect(resolveReferences('{{ prefect.variables.large }}', huge)).toBe(large)
})

function missingId() {
  return '0192f0c1-2d3e-7a4b-8c5d-00000000ffff'
}

it('each block and each variable is read once', () => {
  const template = [
    '{{ prefect.variables.tag }} {{ prefect.variables.tag }}',
    { a: '{{ prefect.blocks.json.settings.value }}', b: { $ref: { block_document_id: REGISTRY } } },
  ]
  const { blockIds, variables } = referencesOf(template)
  expect([...blockIds]).toEqual([idOf('json', 'settings'), REGISTRY])
  expect([...variables]).toEqual(['tag'])
  expect(referencesOf({ plain: ['text'] })).toEqual({ blockIds: new Set(), variables: new Set() })
  expect(resolveReferences({ plain: ['text'] }, NOTHING_FOUND)).toEqual({ plain: ['text'] })
})
