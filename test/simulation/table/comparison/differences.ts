import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Request, TABLE_NAME } from './requests.ts'

interface Difference {
  what: string
  source: string
  request: Request
  /** What DynamoDB answers, and so the table in memory, and what the engine does. */
  dynamo: object
  engine: object
}

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: string): AttributeValue => ({ N: text })
/** The key of the item that is there: see refusals.ts. */
const Key: Item = { pk: s('a'), sk: s('x') }
const request = (command: string, input: Record<string, unknown>): Request => ({
  command: `${command}Command`,
  input: { TableName, ...input },
})
const transaction = (...TransactItems: unknown[]): Request => ({
  command: 'TransactWriteItemsCommand',
  input: { TransactItems },
})
const named = (...names: string[]) => ({
  ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
})
const update = (UpdateExpression: string, names: string[], values: Item) => ({
  Update: { TableName, Key, UpdateExpression, ...named(...names), ExpressionAttributeValues: values },
})

const REFUSED = { error: { name: 'ValidationException' } }
const CANCELLED = { error: { name: 'TransactionCanceledException' } }
const ANSWERED = { pages: [{}] }
const SETS = 'docs.aws.amazon.com, HowItWorks.NamingRulesDataTypes: all elements of a set are unique, and not empty'
const REASONS =
  'docs.aws.amazon.com, API_TransactWriteItems: none of the messages of a ValidationError is about the request alone'
const QUERIES = 'dynalite, actions/query.js and its tests, which also run against DynamoDB'

function query(
  what: string,
  source: string,
  text: string,
  values: Item,
  more: Record<string, unknown> = {},
): Difference {
  const all = `${text} ${Object.values(more).join(' ')}`
  const names = [...all.matchAll(/#(\w+)/g)].map(([, name = '']) => name)
  const input = { KeyConditionExpression: text, ...named(...names), ExpressionAttributeValues: values, ...more }
  return { what, source, request: request('Query', input), dynamo: REFUSED, engine: { pages: [{}] } }
}

/** Where the engine differs from what DynamoDB does. A new release may differ less: then its line here goes. */
export const DIFFERENCES: readonly Difference[] = [
  {
    what: 'a key can be changed in a transaction no more than in an update',
    source: 'github.com/faiscadev/fakecloud/pull/2521',
    request: transaction(update('SET #pk = :v', ['pk'], { ':v': s('z') })),
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'an update of overlapping paths fails a whole transaction',
    source: REASONS,
    request: transaction(update('SET #life = :v, #life = :w', ['life'], { ':v': s('y'), ':w': s('z') })),
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'an error of syntax fails a whole transaction',
    source: REASONS,
    request: transaction(update('SET #life :v', ['life'], { ':v': s('z') })),
    dynamo: REFUSED,
    engine: CANCELLED,
  },
  {
    what: 'a value that is not used fails a whole transaction',
    source: REASONS,
    request: transaction(update('SET #life = :v', ['life'], { ':v': s('z'), ':w': s('z') })),
    dynamo: REFUSED,
    engine: CANCELLED,
  },
  {
    what: 'an operand of the wrong type fails a whole transaction',
    source: REASONS,
    request: transaction(update('SET #n = #n + :v', ['n'], { ':v': s('z') })),
    dynamo: REFUSED,
    engine: CANCELLED,
  },
  {
    what: 'an update in a transaction must not be empty',
    source: 'docs.aws.amazon.com, API_Update: UpdateExpression is required, and an expression has at least one action',
    request: transaction({ Update: { TableName, Key, UpdateExpression: '' } }),
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'a part of a transaction is one action only',
    source: 'docs.aws.amazon.com, API_TransactWriteItem',
    request: transaction({ Delete: { TableName, Key }, Put: { TableName, Item: { pk: s('b'), sk: s('x') } } }),
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'a part of a batch is a put or a delete only',
    source: 'docs.aws.amazon.com, API_WriteRequest: one, but not both',
    request: {
      command: 'BatchWriteItemCommand',
      input: {
        RequestItems: { [TableName]: [{ PutRequest: { Item: { pk: s('b'), sk: s('x') } }, DeleteRequest: { Key } }] },
      },
    },
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'a value that is not used is refused although the condition does not hold',
    source: 'docs.aws.amazon.com, API_DeleteItem: the expressions are checked before the item is read',
    request: request('DeleteItem', {
      Key,
      ConditionExpression: '#life = :v',
      ...named('life'),
      ExpressionAttributeValues: { ':v': s('z'), ':w': s('z') },
    }),
    dynamo: REFUSED,
    engine: { error: { name: 'ConditionalCheckFailedException' } },
  },
  {
    what: 'a string set has no empty member',
    source: SETS,
    request: request('PutItem', { Item: { ...Key, tags: { SS: ['', 'a'] } } }),
    dynamo: REFUSED,
    engine: ANSWERED,
  },
  {
    what: 'a set of numbers goes by their values',
    source: SETS,
    request: request('UpdateItem', {
      Key,
      UpdateExpression: 'ADD #ranks :v',
      ...named('ranks'),
      ExpressionAttributeValues: { ':v': { NS: ['2.50'] } },
    }),
    dynamo: ANSWERED,
    engine: REFUSED,
  },
  ...[
    { phase: s('x'.repeat(2049)), phaseSort: s('1') },
    { phase: s('x'), phaseSort: s('x'.repeat(1025)) },
  ].map((item) => ({
    what: `the keys of indexes have the limits of keys (${Object.values(item).map(({ S }) => S?.length)} bytes)`,
    source: 'docs.aws.amazon.com, API_TransactWriteItems: the secondary index key beyond allowed size limits',
    request: request('PutItem', { Item: { ...Key, ...item } }),
    dynamo: REFUSED,
    engine: ANSWERED,
  })),
  {
    what: 'a projection does not make a read cheaper',
    source: 'docs.aws.amazon.com, Expressions.ProjectionExpressions: no effect on provisioned throughput consumption',
    request: request('GetItem', {
      Key: { pk: s('large'), sk: s('x') },
      ProjectionExpression: '#pk',
      ...named('pk'),
      ReturnConsumedCapacity: 'TOTAL',
    }),
    dynamo: { pages: [{ ConsumedCapacity: { CapacityUnits: 1 } }] },
    engine: { pages: [{ ConsumedCapacity: { CapacityUnits: 0.5 } }] },
  },
  query('a partition key of another type is refused', QUERIES, '#pk = :v', { ':v': n('1') }),
  query('a sort key of another type is refused', QUERIES, '#pk = :v AND #sk > :w', { ':v': s('a'), ':w': n('1') }),
  query('bounds of another type are refused', QUERIES, '#pk = :v AND #sk BETWEEN :w AND :w', {
    ':v': s('a'),
    ':w': n('1'),
  }),
  query('a prefix of another type is refused', QUERIES, '#pk = :v AND begins_with(#sk, :w)', {
    ':v': s('a'),
    ':w': n('1'),
  }),
  query('an empty partition key is refused', QUERIES, '#pk = :v', { ':v': s('') }),
  query(
    'a number has no prefix',
    'docs.aws.amazon.com, Query.KeyConditionExpressions: begins_with is for strings',
    '#listKey = :v AND begins_with(#startAt, :w)',
    { ':v': s('runs'), ':w': n('1') },
    { IndexName: 'time' },
  ),
  query('a page can not start in another partition', QUERIES, '#pk = :v', { ':v': s('b') }, { ExclusiveStartKey: Key }),
  query(
    'a page can not start outside of the range',
    QUERIES,
    '#pk = :v AND #sk > :w',
    { ':v': s('a'), ':w': s('y') },
    { ExclusiveStartKey: Key },
  ),
  query(
    'an index has no other attributes to filter by',
    'docs.aws.amazon.com, GSI: only the attributes that are projected can be requested',
    '#phase = :v',
    { ':v': s('ready') },
    { IndexName: 'phase', FilterExpression: 'attribute_exists(#n)' },
  ),
  query(
    'an index has no other attributes to show',
    'docs.aws.amazon.com, GSI: only the attributes that are projected can be requested',
    '#phase = :v',
    { ':v': s('ready') },
    { IndexName: 'phase', ProjectionExpression: '#pk, #n' },
  ),
]
