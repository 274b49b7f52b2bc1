import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { filledWith, ITEM_KEY as Key, type Refusal, refusal } from './refusals.ts'
import { TABLE_NAME } from './request.ts'

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: string): AttributeValue => ({ N: text })

function query(text: string, values: Item, more: Record<string, unknown> = {}): Refusal {
  const index = /phase|startAt/.test(text) ? { IndexName: /phase/.test(text) ? 'phase' : 'time' } : {}
  return refusal(`query ${text} ${Object.keys(more).join(' ')}`, 'Query', {
    ...index,
    KeyConditionExpression: text,
    ...filledWith(text + Object.values(more).join(' '), values),
    ...more,
  })
}

const P = { ':p': s('a') }
const QUERIES: Refusal[] = [
  '#sk = :p',
  '#pk > :p',
  '#pk = :p OR #pk = :p',
  '#pk = :p AND #life = :p',
  '#pk = :p AND #sk <> :p',
  '#pk = :p AND #sk > :p AND #sk < :p',
  'attribute_exists(#pk)',
  '#pk = :p AND attribute_exists(#sk)',
  '#pk <> :p',
  '',
  '#pk',
  '#pk BETWEEN :p AND :p',
  'begins_with(#pk, :p)',
  '#phase = :p AND #sk = :p',
  '#pk = :p AND (#sk = :p OR #sk = :p)',
]
  .map((text) => query(text, text.includes(':p') ? P : {}))
  .concat([
    query('#pk = :p AND #sk BETWEEN :a AND :b', { ...P, ':a': s('b'), ':b': s('a') }),
    query('#listKey = :p AND #startAt BETWEEN :a AND :b', { ...P, ':a': n('10'), ':b': n('9') }),
    query('#pk = :p', P, { Limit: 0 }),
    query('#pk = :p', P, { IndexName: 'none' }),
    query('#phase = :p', P, { ConsistentRead: true }),
    query('#pk = :p', P, { FilterExpression: '#pk = :p' }),
    query('#pk = :p', P, { FilterExpression: 'attribute_exists(#life) AND #sk = :p' }),
    query('#phase = :p', P, { FilterExpression: 'attribute_exists(#phaseSort)' }),
    query('#pk = :p', P, { FilterExpression: '#life =' }),
    query('#pk = :p', P, { ProjectionExpression: '#pk,' }),
    query('#pk = :p', P, { ProjectionExpression: '' }),
    query('#pk = :p', P, { ProjectionExpression: '#pk #sk' }),
    query('#pk = :p', P, { ProjectionExpression: '#life, #pk, #life' }),
    refusal('a query without a key condition', 'Query', {}),
    query('#pk = :p', P, { ExclusiveStartKey: { pk: s('a') } }),
    query('#pk = :p', P, { ExclusiveStartKey: { ...Key, life: s('l1') } }),
    query('#pk = :p', P, { ExclusiveStartKey: { pk: s('a'), sk: n('1') } }),
    query('#phase = :p', P, { ExclusiveStartKey: { ...Key, phase: s('a') } }),
    query('#phase = :p', P, { ExclusiveStartKey: { ...Key, phase: s('a'), phaseSort: n('1') } }),
    query('#phase = :p', P, { ExclusiveStartKey: { ...Key, phase: n('1'), phaseSort: s('1') } }),
    query('#pk = :p AND #sk = #life', P),
    query('#pk = #sk', {}),
    query('#pk = :p', P, { ExclusiveStartKey: { pk: s('a'), life: s('l1') } }),
    refusal('a scan of no items', 'Scan', { Limit: 0 }),
    refusal('a scan from half a key', 'Scan', { ExclusiveStartKey: { pk: s('a') } }),
    refusal('a scan of another table', 'Scan', { TableName: 'other' }),
    refusal('a query of another table', 'Query', {
      TableName: 'other',
      KeyConditionExpression: '#pk = :p',
      ...filledWith('#pk', P),
    }),
  ])

const KEYS_OF = (count: number): Item[] => Array.from({ length: count }, (_, at) => ({ pk: s(`k${at}`), sk: s('x') }))
const batch = (wrong: string, command: string, requests: unknown, table: string = TABLE_NAME): Refusal => ({
  wrong,
  request: { command: `${command}Command`, input: { RequestItems: { [table]: requests } } },
})
const transaction = (wrong: string, items: unknown[]): Refusal => ({
  wrong,
  request: { command: 'TransactWriteItemsCommand', input: { TransactItems: items } },
})

const ABSENT = { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } }
const BATCHES: Refusal[] = [
  batch('a key twice in a batch of reads', 'BatchGetItem', { Keys: [Key, ...KEYS_OF(2), Key] }),
  batch('101 keys in a batch of reads', 'BatchGetItem', { Keys: KEYS_OF(101) }),
  batch('a batch of reads without keys', 'BatchGetItem', { Keys: [] }),
  batch('a batch of reads with half a key', 'BatchGetItem', { Keys: [{ pk: s('a') }] }),
  batch('a batch of reads of another table', 'BatchGetItem', { Keys: [Key] }, 'other'),
  batch('a batch of reads with an unused name', 'BatchGetItem', {
    Keys: [Key],
    ExpressionAttributeNames: { '#n': 'n' },
  }),
  batch('a key twice in a batch of writes', 'BatchWriteItem', [
    { PutRequest: { Item: Key } },
    { DeleteRequest: { Key } },
  ]),
  batch(
    '26 writes in a batch',
    'BatchWriteItem',
    KEYS_OF(26).map((each) => ({ DeleteRequest: { Key: each } })),
  ),
  batch('a batch without writes', 'BatchWriteItem', []),
  batch('a batch of writes to another table', 'BatchWriteItem', [{ DeleteRequest: { Key } }], 'other'),
  batch('a batch with half a key', 'BatchWriteItem', [{ DeleteRequest: { Key: { pk: s('a') } } }]),
  batch('a batch with an index key of another type', 'BatchWriteItem', [
    { PutRequest: { Item: { ...Key, startAt: s('1') } } },
  ]),
  batch('a batch with an item larger than 400 KB', 'BatchWriteItem', [
    { PutRequest: { Item: { ...Key, n: s('x'.repeat(409_600)) } } },
  ]),
  batch('a batch with a write that is none', 'BatchWriteItem', [{}]),
  transaction('a transaction without actions', []),
  transaction('an action that is none', [{}]),
  transaction(
    '101 actions',
    KEYS_OF(101).map((each) => ({ Delete: { TableName, Key: each } })),
  ),
  transaction('two actions on one item', [{ Delete: { TableName, Key } }, { Put: { TableName, Item: Key } }]),
  transaction('a transaction on another table', [{ Delete: { TableName: 'other', Key } }]),
  transaction('an item larger than 400 KB in a transaction', [
    { Put: { TableName, Item: { ...Key, n: s('x'.repeat(409_600)) } } },
  ]),
  transaction(
    'a transaction of more than 4 MB',
    KEYS_OF(11).map((each) => ({ Put: { TableName, Item: { ...each, n: s('x'.repeat(400_000)) } } })),
  ),
  transaction('an empty key in a transaction', [{ Delete: { TableName, Key: { pk: s('a'), sk: s('') } } }]),
  transaction('an empty key of an index in a transaction', [
    { Delete: { TableName, Key, ...ABSENT } },
    { Put: { TableName, Item: { pk: s('b'), sk: s('x'), phase: s('') } } },
  ]),
  transaction('an update beyond 400 KB in a transaction', [
    {
      Update: {
        TableName,
        Key,
        UpdateExpression: 'SET #life = :huge',
        ...filledWith('#life', { ':huge': s('x'.repeat(409_500)) }),
      },
    },
  ]),
]

/** Refusals of what is about more than one item. */
export const READ_REFUSALS: readonly Refusal[] = [...QUERIES, ...BATCHES]
