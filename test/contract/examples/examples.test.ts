import { expect, it } from 'vitest'
import * as z from 'zod/mini'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { EXAMPLES } from '#shared/contract/examples/examples.ts'
import { buildOpenApi, documentPath } from '#shared/contract/openapi.ts'
import type { Json } from '../../support/api.ts'

const document: Json = JSON.parse(JSON.stringify(buildOpenApi()))
const examples = OPERATIONS.map(({ name, endpoint }) => ({ name, endpoint, example: EXAMPLES[name] }))

it('there is an example for each operation, and no other', () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(OPERATIONS.map(({ name }) => name).toSorted())
})

it.each(examples)('$name has an example request and reply', ({ endpoint, example = {} }) => {
  const { body, reply } = endpoint
  expect('body' in example).toBe(body !== undefined)
  expect('reply' in example).toBe(reply !== undefined)
  expect(body && z.safeParse(body, example.body).error?.issues).toBeUndefined()
  // Schemas drop members that they don't know; a reply must have none.
  expect(reply && z.parse(reply, example.reply)).toEqual(example.reply)
})

it.each(examples)('$name shows its example in the OpenAPI document', ({ endpoint, example = {} }) => {
  const { requestBody, responses } = document.paths[documentPath(endpoint.path)][endpoint.method.toLowerCase()]
  expect(requestBody?.content['application/json'].example).toEqual(example.body)
  const type = endpoint.plainText ? 'text/plain' : 'application/json'
  expect(responses[endpoint.status].content?.[type].example).toEqual(example.reply)
})

it('shows an example of every error', () => {
  for (const response of Object.values<Json>(document.components.responses)) {
    const { example } = response.content['application/json']
    expect(response.description).toContain(`\`${example.code}\``)
    expect(example.detail).not.toBe('')
  }
})
