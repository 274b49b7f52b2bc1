import { expect, it } from 'vitest'
import { TABLE_FORMAT } from '#shared/storage/dynamo/table.ts'
import { resourcesOf, standInBundles, templateOf } from '../support/stack.ts'

it('a change to the functions changes only their code, and leaves the table untouched', () => {
  const [before, after] = ['one', 'another'].map((word) =>
    templateOf({}, standInBundles(`export const is = '${word}'`)),
  )
  if (!before || !after) throw new Error('no templates')
  const table = 'AWS::DynamoDB::GlobalTable'
  expect(resourcesOf(after, table)).toEqual(resourcesOf(before, table))

  const changed = changedPaths(before.toJSON(), after.toJSON())
  expect(changed).toHaveLength(5)
  for (const path of changed) expect(path).toMatch(/^Resources\.\w+Function\w+\.Properties\.Code\.S3Key$/)
})

it('a change of the indexes raises the format of the table, as CloudFormation changes none in place', async () => {
  const [[, table] = []] = resourcesOf(templateOf(), 'AWS::DynamoDB::GlobalTable')
  const { KeySchema, GlobalSecondaryIndexes } = table?.Properties ?? {}
  const definition = JSON.stringify({ KeySchema, GlobalSecondaryIndexes }, null, 2)
  // For another format there is another file; this one must not change.
  await expect(`${definition}\n`).toMatchFileSnapshot(`table-format-${TABLE_FORMAT}.txt`)
})

function changedPaths(before: unknown, after: unknown, path = ''): string[] {
  if (Object.is(before, after)) return []
  if (!isObject(before) || !isObject(after)) return [path.slice(1)]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => changedPaths(before[name], after[name], `${path}.${name}`))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
