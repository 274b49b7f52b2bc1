import { ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { MemoryTable } from '../memory-table.ts'
import { TABLE_NAME } from './requests.ts'

const TableName = TABLE_NAME
const Key = { pk: { S: 'a' }, sk: { S: 'x' } }
const names = { ExpressionAttributeNames: { '#a': 'a', '#pk': 'pk' } }
const values = { ExpressionAttributeValues: { ':v': { S: 'v' } } }

it.each([
  ['another command', 'ListTables', {}],
  ['a member of a put', 'PutItem', { TableName, Item: Key, ReturnItemCollectionMetrics: 'SIZE' }],
  ['a member of an update', 'UpdateItem', { TableName, Key, AttributeUpdates: {} }],
  ['a member of a delete', 'DeleteItem', { TableName, Key, Expected: {} }],
  ['a member of a read', 'GetItem', { TableName, Key, AttributesToGet: ['a'] }],
  ['a member of a query', 'Query', { TableName, Select: 'COUNT' }],
  ['a member of a scan', 'Scan', { TableName, Segment: 1 }],
  ['a member of a batch of reads', 'BatchGetItem', { RequestItems: { [TableName]: { Keys: [Key] } }, Other: 1 }],
  [
    'a member in a batch of reads',
    'BatchGetItem',
    { RequestItems: { [TableName]: { Keys: [Key], AttributesToGet: [] } } },
  ],
  ['a member of a batch of writes', 'BatchWriteItem', { ReturnItemCollectionMetrics: 'SIZE' }],
  ['a token of a transaction', 'TransactWriteItems', { TransactItems: [], ClientRequestToken: 'a' }],
  [
    'a member of an action',
    'TransactWriteItems',
    { TransactItems: [{ Delete: { TableName, Key, ReturnValues: 'NONE' } }] },
  ],
  ['a returned value of an update', 'UpdateItem', { TableName, Key, ReturnValues: 'ALL_NEW' }],
  ['another returned value of a delete', 'DeleteItem', { TableName, Key, ReturnValues: 'ALL_NEW' }],
  ['a set of bytes', 'PutItem', { TableName, Item: { ...Key, a: { BS: [] } } }],
  ['bytes in a list', 'PutItem', { TableName, Item: { ...Key, a: { L: [{ B: Uint8Array.from([1]) }] } } }],
  ['bytes in a map', 'PutItem', { TableName, Item: { ...Key, a: { M: { b: { B: Uint8Array.from([1]) } } } } }],
  ['a name that is not a placeholder', 'DeleteItem', { TableName, Key, ConditionExpression: 'a = :v', ...values }],
  ['NOT', 'DeleteItem', { TableName, Key, ConditionExpression: 'NOT attribute_exists(#a)' }],
  ['IN', 'DeleteItem', { TableName, Key, ConditionExpression: '#a IN (:v)' }],
  ['size', 'DeleteItem', { TableName, Key, ConditionExpression: '#a = size(#a)' }],
  ['DELETE', 'UpdateItem', { TableName, Key, UpdateExpression: 'DELETE #a :v' }],
  ['a part of an attribute that is removed', 'UpdateItem', { TableName, Key, UpdateExpression: 'REMOVE #a.#pk' }],
  ['a part of an attribute that is added to', 'UpdateItem', { TableName, Key, UpdateExpression: 'ADD #a.#pk :v' }],
  ['a part of an attribute that is shown', 'GetItem', { TableName, Key, ProjectionExpression: '#a.#pk' }],
  [
    'a value in front',
    'Query',
    { TableName, KeyConditionExpression: ':v = #pk', ...values, ExpressionAttributeNames: { '#pk': 'pk' } },
  ],
])('says of %s that it is not supported', (_, command, input) => {
  const table = new MemoryTable(TABLE_NAME)
  expect(() => table.answer(`${command}Command`, { ...names, ...input })).toThrow(/does not support/)
  expect([...table.items()]).toEqual([])
})

it('raises through the client what it does not support', async () => {
  await expect(new MemoryTable(TABLE_NAME).client.send(new ListTablesCommand({}))).rejects.toThrow('ListTablesCommand')
})

it('counts what each command has consumed', async () => {
  const table = new MemoryTable(TABLE_NAME)
  const Item = toItem({ pk: 'a', sk: 'x', phase: 'ready', phaseSort: '1', text: 'x'.repeat(2000) })
  for (let n = 0; n < 2; n += 1) await table.client.send(new PutItemCommand({ TableName, Item }))
  const refused = new PutItemCommand({
    TableName,
    Item,
    ConditionExpression: 'attribute_not_exists(#pk)',
    ExpressionAttributeNames: { '#pk': 'pk' },
  })
  await expect(table.client.send(refused)).rejects.toThrow('The conditional request failed')
  expect(table.consumed).toEqual(new Map([['PutItemCommand', 5]]))
})
