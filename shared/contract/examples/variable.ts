import type * as contract from '#shared/contract/variable/variable.ts'
import type { ExamplesOf } from './example.ts'
import { page, stored } from './story.ts'

const variable = {
  id: 'e5c1a8f7-3b62-5d90-8e4a-f0d7b2c69315',
  ...stored,
  name: 'bucket',
  value: 's3://acme-etl',
  tags: ['data'],
}
const filter = { variables: { name: { like_: 'buck' } } }

export const variableExamples = {
  createVariable: { body: { name: 'bucket', value: 's3://acme-etl', tags: ['data'] }, reply: variable },
  listVariables: { body: { ...filter, ...page, sort: 'NAME_ASC' }, reply: [variable] },
  countVariables: { body: filter, reply: 1 },
  getVariable: { reply: variable },
  getVariableByName: { reply: variable },
  updateVariable: { body: { value: 's3://acme-etl-2' } },
  updateVariableByName: { body: { value: 's3://acme-etl-2' } },
  deleteVariable: {},
  deleteVariableByName: {},
} satisfies ExamplesOf<typeof contract>
