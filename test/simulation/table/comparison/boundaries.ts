import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Request, TABLE_NAME } from './requests.ts'

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const key = (at: number): Item => ({ pk: s('k'), sk: s(String(at).padStart(3, '0')) })
const request = (command: string, input: Record<string, unknown>): Request => ({ command: `${command}Command`, input })
const ReturnConsumedCapacity = 'INDEXES'
const put = (Item: Item): Request => request('PutItem', { TableName, Item, ReturnConsumedCapacity })
const batch = (items: readonly Item[]): Request =>
  request('BatchWriteItem', {
    RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
    ReturnConsumedCapacity,
  })
const sized = (count: number, bytes: number, more: (at: number) => Item = () => ({})): Item[] =>
  Array.from({ length: count }, (_, at) => ({ ...key(at), text: s('x'.repeat(bytes)), ...more(at) }))
const inFives = (items: readonly Item[]): Request[] =>
  Array.from({ length: Math.ceil(items.length / 5) }, (_, at) => batch(items.slice(at * 5, at * 5 + 5)))
const reads = (Keys: Item[], more: Record<string, unknown> = {}): Request =>
  request('BatchGetItem', { RequestItems: { [TableName]: { Keys, ...more } }, ReturnConsumedCapacity })

function update(change: string, length: number): Request {
  return request('UpdateItem', {
    TableName,
    Key: key(0),
    UpdateExpression: change,
    ExpressionAttributeNames: Object.fromEntries([...change.matchAll(/#(\w+)/g)].map(([token, name]) => [token, name])),
    ExpressionAttributeValues: { ':text': s('x'.repeat(length)) },
    ReturnConsumedCapacity,
  })
}

function query(more: Record<string, unknown> = {}, names: Record<string, string> = {}, values: Item = {}): Request {
  return request('Query', {
    TableName,
    KeyConditionExpression: '#hash = :hash',
    ExpressionAttributeNames: { '#hash': more.IndexName === undefined ? 'pk' : 'phase', ...names },
    ExpressionAttributeValues: { ':hash': s('k'), ...values },
    ReturnConsumedCapacity,
    ...more,
  })
}

/** The key and name of an item with one text take 9 bytes. */
const ITEM_TEXT_MAX = 409_600 - 2 - 1 - 2 - 3 - 4
const PAGES = sized(40, 40_000, (at) => ({ phase: s('k'), phaseSort: s(String(at)), life: s('l'.repeat(30_000 + at)) }))

/** Programs on the two sides of DynamoDB's limits. */
export const BOUNDARIES: readonly { of: string; program: readonly Request[] }[] = [
  {
    of: '400 KB of an item',
    program: [ITEM_TEXT_MAX, ITEM_TEXT_MAX + 1].map((length) => put({ ...key(0), text: s('x'.repeat(length)) })),
  },
  {
    of: '400 KB of an item that is updated',
    // 3 bytes for the update, 19 for each SET and 2 for each REMOVE, but none for the key's 8.
    program: [
      update('SET #text = :text', 409_600 - 4 - 22),
      update('SET #text = :text', 409_600 - 4 - 22 + 1),
      update('SET #text = :text REMOVE #one, #two', 409_600 - 4 - 26),
      update('SET #text = :text REMOVE #one, #two', 409_600 - 4 - 26 + 1),
      update('SET #text = :text, #other = #sk', 409_600 - 4 - 41 - 8),
      update('SET #text = :text, #other = #sk', 409_600 - 4 - 41 - 8 + 1),
    ],
  },
  {
    of: '1 KB of a write unit',
    program: [1012, 1013, 2036, 2037].map((length) => put({ ...key(0), text: s('x'.repeat(length)) })),
  },
  {
    of: '1 KB of a write unit of an index',
    program: [
      ...[965, 989, 990, 991, 3000, 100].map((length) =>
        put({ ...key(0), phase: s('k'), phaseSort: s('1'), life: s('x'.repeat(length)) }),
      ),
      put({ ...key(0), phase: s('k'), phaseSort: s('2'), life: s('x'.repeat(2500)) }),
      put({ ...key(0), phase: s('l'), phaseSort: s('2'), life: s('x'.repeat(1500)), other: s('y'.repeat(5000)) }),
      put({ ...key(0), phase: s('l'), other: s('y'.repeat(5000)) }),
      request('DeleteItem', { TableName, Key: key(0), ReturnConsumedCapacity }),
      request('DeleteItem', { TableName, Key: key(0), ReturnConsumedCapacity }),
    ],
  },
  {
    of: '4 KB of a read unit',
    program: [4084, 4085, 8180, 8181].flatMap((length) => [
      put({ ...key(0), text: s('x'.repeat(length)) }),
      ...[true, false].flatMap((ConsistentRead) => [
        request('GetItem', { TableName, Key: key(0), ConsistentRead, ReturnConsumedCapacity }),
        reads([key(0), key(1)], { ConsistentRead }),
        query({ ConsistentRead }),
        request('Scan', { TableName, ConsistentRead, ReturnConsumedCapacity }),
      ]),
    ]),
  },
  {
    of: 'units of a transaction',
    program: [
      put({ ...key(1), text: s('x'.repeat(3000)), phase: s('k'), phaseSort: s('1') }),
      put({ ...key(2), text: s('x'.repeat(1500)) }),
      ...['TOTAL', 'INDEXES'].map((wanted) =>
        request('TransactWriteItems', {
          TransactItems: [
            { Put: { TableName, Item: { ...key(0), text: s('x'.repeat(1100)), phase: s('k'), phaseSort: s('1') } } },
            { Delete: { TableName, Key: key(1) } },
            {
              ConditionCheck: {
                TableName,
                Key: key(2),
                ConditionExpression: 'attribute_exists(#pk)',
                ExpressionAttributeNames: { '#pk': 'pk' },
              },
            },
            {
              ConditionCheck: {
                TableName,
                Key: key(3),
                ConditionExpression: 'attribute_not_exists(#pk)',
                ExpressionAttributeNames: { '#pk': 'pk' },
              },
            },
          ],
          ReturnConsumedCapacity: wanted,
        }),
      ),
    ],
  },
  {
    of: '1 MB of a page',
    program: [
      ...inFives(PAGES),
      query(),
      query({ ScanIndexForward: false, ConsistentRead: true }),
      query({ ProjectionExpression: '#sk' }, { '#sk': 'sk' }),
      query({ FilterExpression: '#phase > :from' }, { '#phase': 'phase' }, { ':from': s('l') }),
      query({ FilterExpression: '#phaseSort > :from' }, { '#phaseSort': 'phaseSort' }, { ':from': s('3') }),
      query({ Limit: 14 }),
      query({ Limit: 15 }),
      query({ IndexName: 'phase' }),
      query({ IndexName: 'phase', Limit: 34 }),
      request('Scan', { TableName, ReturnConsumedCapacity }),
    ],
  },
  {
    // The last item of the first page just fits, or just does not.
    of: 'the byte at which a page is full',
    program: [0, 1].flatMap((more) => [
      ...inFives(sized(4, 262_144 - 12, (at) => (at === 0 ? { text: s('x'.repeat(262_144 - 12 + more)) } : {}))),
      query(),
    ]),
  },
  {
    of: '16 MB of a batch',
    program: [...inFives(sized(50, 400_000)), reads(Array.from({ length: 50 }, (_, at) => key(at)))],
  },
  { of: '25 writes in a batch', program: [batch(sized(25, 10))] },
  { of: '100 reads in a batch', program: [reads(Array.from({ length: 100 }, (_, at) => key(at)))] },
  {
    of: '100 actions and 4 MB in a transaction',
    program: [
      request('TransactWriteItems', {
        TransactItems: sized(100, 41_000).map((Item) => ({ Put: { TableName, Item } })),
      }),
      request('TransactWriteItems', {
        TransactItems: sized(100, 42_000).map((Item) => ({ Put: { TableName, Item } })),
      }),
    ],
  },
]
