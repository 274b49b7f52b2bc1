import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { CONDITIONS, FILTERS, PROJECTIONS, UPDATES } from './expressions.ts'

/** One request of a program, or all pages of one that has pages. */
export interface Request {
  command: string
  input: Record<string, unknown>
}

export const TABLE_NAME = 'program'

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values)
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: number | string): AttributeValue => ({ N: String(text) })

/** Few keys, so that requests meet; surrogates sort behind what UTF-16 puts behind them. */
const PARTITIONS = ['a', 'b', '\u{1F600}', '\uFF5E']
const SORTS = ['x', 'x#1', 'y', '\u{1F600}', '\uFF5E']

const key = fc.tuple(oneOf(...PARTITIONS), oneOf(...SORTS)).map(([pk, sk]): Item => ({ pk: s(pk), sk: s(sk) }))

const number = oneOf<number | string>(
  0,
  1,
  2,
  3,
  -1,
  7.25,
  1e-7,
  '123456789012345678901234567890',
  1768478400000001,
).map(n)

/** Attributes as the product's items have them, with values that conditions and indexes tell apart. */
const ATTRIBUTES = {
  revision: number,
  life: oneOf('l1', 'l2').map(s),
  state: fc.record({ t: oneOf('SCHEDULED', 'PENDING').map(s), at: number }).map((M): AttributeValue => ({ M })),
  history: fc.array(number, { maxLength: 2 }).map((L): AttributeValue => ({ L })),
  waitsIn: fc.subarray(['p', 'q', 'r'], { minLength: 1 }).map((SS): AttributeValue => ({ SS })),
  ranks: fc.subarray(['1', '2.5', '-3'], { minLength: 1 }).map((NS): AttributeValue => ({ NS })),
  paused: fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
  revoked: oneOf<AttributeValue>({ NULL: true }, n(5)),
  json: oneOf([], [1], [0, 255, 7]).map((bytes): AttributeValue => ({ B: Uint8Array.from(bytes) })),
  phase: oneOf('ready', 'active').map(s),
  phaseSort: oneOf('1', '2', '2#a', '\u{1F600}').map(s),
  listKey: oneOf('runs', 'tasks').map(s),
  startAt: number,
  deploymentId: oneOf('d', 'e').map(s),
  queueId: oneOf('', 'q').map(s),
  generation: number,
  padding: oneOf(0, 900, 1100, 4200).map((length) => s('p'.repeat(length))),
}

const attributes: fc.Arbitrary<Item> = fc.record(ATTRIBUTES, { requiredKeys: [] }).map((some) => some as Item)

/** Attributes that the table's indexes refuse. */
const misindexed = oneOf<Item>({ phase: s('') }, { phase: n(1) }, { startAt: s('1') })

/** Attributes that DynamoDB refuses or stores in another form. */
const odd = oneOf<Item>(
  { queueId: n('1.50') },
  { queueId: n('0012e-1') },
  { queueId: n('-0') },
  { queueId: n('1e126') },
  { queueId: n('9.9e125') },
  { queueId: n('1e-131') },
  { queueId: n('1e-130') },
  { queueId: n('1'.repeat(39)) },
  { queueId: n(`0.${'1'.repeat(38)}`) },
  { queueId: n('abc') },
  { queueId: n('') },
  { queueId: n('.') },
  { queueId: { NS: ['1', '1.0'] } },
  { queueId: { NS: [] } },
  { queueId: { SS: [] } },
  { queueId: { SS: ['a', 'a'] } },
  { queueId: { M: { a: { L: [n('01')] }, b: { M: {} }, c: { NULL: true }, d: { BOOL: false } } } },
  { queueId: { NULL: false } as never },
  { queueId: { L: [{ SS: ['b', 'a'] }, s('')] } },
  { life: s('l3'), padding: { L: [s('x'), n(12.5), { NS: ['1', '22'] }] } },
  { pk: s('') },
  { sk: s('') },
  { sk: n(1) },
  { pk: s('x'.repeat(2049)) },
  { pk: s('x'.repeat(2048)) },
  { sk: s('é'.repeat(513)) },
  { sk: s('é'.repeat(512)) },
)

/** Items as they come from the caller, some of them with something else than what the product has. */
const itemWith = (others: fc.Arbitrary<Item>): fc.Arbitrary<Item> =>
  fc
    .tuple(key, attributes, fc.option(others, { nil: {}, freq: 1 }), fc.nat(5))
    .map(([itsKey, some, other, chance]) => ({ ...some, ...itsKey, ...(chance === 0 ? other : {}) }))
const plainItem = itemWith(misindexed)
const anyItem = itemWith(fc.oneof(misindexed, odd))

const anyKey: fc.Arbitrary<Item> = fc.oneof(
  { arbitrary: key, weight: 40 },
  { arbitrary: oneOf<Item>({ pk: s('a') }, { pk: s('a'), sk: s('') }, { pk: s(''), sk: s('x') }), weight: 1 },
  { arbitrary: oneOf<Item>({ pk: s('a'), sk: n(1) }, { pk: s('a'), sk: s('x'), life: s('l1') }), weight: 1 },
)

/** What the values of expressions are taken from: `:v3` stands for the third. */
const VALUES: readonly AttributeValue[] = [
  n(1),
  n(2),
  n('-1.0'),
  s('l1'),
  s('ready'),
  s('2'),
  s(''),
  { BOOL: true },
  { NULL: true },
  { L: [n(1)] },
  { L: [] },
  { SS: ['p', 's'] },
  { NS: ['2.5', '9'] },
  { M: { t: s('SCHEDULED'), at: n(1) } },
  { B: Uint8Array.from([1]) },
  n('7.25'),
  n('123456789012345678901234567890'),
  s('SCHEDULED'),
]

/** The names and values that expressions mention, as the product fills them in. */
export function filled(...texts: (string | undefined)[]): Record<string, unknown> {
  const text = texts.filter((one) => one !== undefined).join(' ')
  const names = [...text.matchAll(/#(\w+)/g)].map(([token, name = '']) => [token, name])
  const values = [...text.matchAll(/:v(\d+)/g)].map(([token, at]) => [token, VALUES[Number(at)]])
  return {
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
    ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
  }
}

const shows = oneOf('ALL_OLD', 'NONE', undefined)
const consumed = { ReturnConsumedCapacity: oneOf('INDEXES', 'TOTAL', 'NONE', undefined) }

/** A request with, at times, a condition. */
function conditional(
  members: Record<string, fc.Arbitrary<unknown>>,
  conditions = fc.option(CONDITIONS, { nil: undefined, freq: 1 }),
) {
  return fc
    .record({ request: fc.record(members), ConditionExpression: conditions, shows })
    .map(({ request, ConditionExpression, shows: ReturnValuesOnConditionCheckFailure }): Record<string, unknown> => {
      const { UpdateExpression: change } = request as { UpdateExpression?: string }
      const common = { TableName: TABLE_NAME, ConditionExpression, ReturnValuesOnConditionCheckFailure }
      return { ...request, ...common, ...filled(change, ConditionExpression) }
    })
}

const single = (
  command: string,
  request: fc.Arbitrary<Record<string, unknown>>,
  ReturnValues = fc.constant<string | undefined>(undefined),
) =>
  fc
    .tuple(request, fc.record({ ReturnValues, ...consumed }))
    .map(([input, more]): Request => ({ command, input: { ...input, ...more } }))

const action = fc.oneof(
  conditional({ Item: plainItem }).map((Put) => ({ Put })),
  conditional({ Key: key, UpdateExpression: UPDATES }).map((Update) => ({ Update })),
  conditional({ Key: key }).map((Delete) => ({ Delete })),
  conditional({ Key: key }, CONDITIONS).map((ConditionCheck) => ({ ConditionCheck })),
)

const transaction = fc
  .record({ TransactItems: fc.array(action, { minLength: 1, maxLength: 4 }), ...consumed })
  .map((input): Request => ({ command: 'TransactWriteItemsCommand', input }))

const shown = fc.option(PROJECTIONS, { nil: undefined, freq: 2 })
const reading = fc
  .record({ ConsistentRead: oneOf(true, false, undefined), ProjectionExpression: shown })
  .map((read) => ({ ...read, ...filled(read.ProjectionExpression) }))

/** The engine charges a GetItem by what the projection shows, which is among the differences. */
const get = fc.tuple(anyKey, reading, fc.record(consumed)).map(([Key, read, more]): Request => {
  const input = { TableName: TABLE_NAME, Key, ...read }
  return { command: 'GetItemCommand', input: read.ProjectionExpression === undefined ? { ...input, ...more } : input }
})

const batchGet = fc.tuple(fc.array(anyKey, { minLength: 1, maxLength: 5 }), reading, fc.record(consumed)).map(
  ([Keys, read, more]): Request => ({
    command: 'BatchGetItemCommand',
    input: { RequestItems: { [TABLE_NAME]: { Keys, ...read } }, ...more },
  }),
)

const batchWrite = fc
  .tuple(
    fc.array(
      fc.oneof(
        anyItem.map((Item) => ({ PutRequest: { Item } })),
        anyKey.map((Key) => ({ DeleteRequest: { Key } })),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    fc.record(consumed),
  )
  .map(
    ([requests, more]): Request => ({
      command: 'BatchWriteItemCommand',
      input: { RequestItems: { [TABLE_NAME]: requests }, ...more },
    }),
  )

/** Sort keys of the table or an index, with values below, at and above those that there are. */
const RANGES: Record<string, { hash: string; sort: string; partitions: AttributeValue[]; sorts: AttributeValue[] }> = {
  table: {
    hash: 'pk',
    sort: 'sk',
    partitions: [...PARTITIONS, 'none'].map(s),
    sorts: ['', 'x', 'x#', 'x#1', 'y', '\u{1F600}', '\uFF5E', '~'].map(s),
  },
  phase: {
    hash: 'phase',
    sort: 'phaseSort',
    partitions: ['ready', 'active', 'none'].map(s),
    sorts: ['0', '1', '2', '2#', '2#a', '\u{1F600}'].map(s),
  },
  time: {
    hash: 'listKey',
    sort: 'startAt',
    partitions: ['runs', 'tasks'].map(s),
    sorts: [-2, -1, 0, 1, 7.25, '123456789012345678901234567890', '1e30'].map(n),
  },
  deployment: { hash: 'deploymentId', sort: 'startAt', partitions: ['d', 'e'].map(s), sorts: [0, 1, 2, 2.5].map(n) },
}

const RANGE_CONDITIONS = [
  '',
  '',
  ' AND #sort = :from',
  ' AND #sort < :from',
  ' AND #sort <= :from',
  ' AND #sort > :from',
  ' AND #sort >= :from',
  ' AND #sort BETWEEN :from AND :to',
  ' AND #sort BETWEEN :from AND :to',
  ' AND begins_with(#sort, :from)',
]

/** A query of the table or an index, all of its pages. */
const query = fc
  .record({
    index: oneOf(...Object.keys(RANGES)),
    range: oneOf(...RANGE_CONDITIONS),
    at: fc.nat(20),
    from: fc.nat(20),
    to: fc.nat(20),
    ConsistentRead: oneOf(undefined, false, true),
    ScanIndexForward: oneOf(undefined, true, false),
    Limit: oneOf(undefined, undefined, 1, 2, 3, 100),
    filter: fc.option(FILTERS, { nil: undefined, freq: 2 }),
    projection: fc.option(PROJECTIONS, { nil: undefined, freq: 2 }),
    ...consumed,
  })
  .map(({ index, range, at, from, to, filter, projection, ConsistentRead, ...more }): Request => {
    const { hash, sort, partitions, sorts } = RANGES[index] as NonNullable<(typeof RANGES)[string]>
    const value = (values: AttributeValue[], place: number) => values[place % values.length] as AttributeValue
    const ranged = sorts[0]?.N !== undefined && range.includes('begins_with') ? '' : range
    const onIndex = index !== 'table'
    const [kept, shownNames] = onIndex
      ? [filter && '#generation = :v0', projection && '#pk, #phase']
      : [filter, projection]
    // Other indexes show neither: that is among the differences.
    const [kept2, shown2] = index === 'phase' || !onIndex ? [kept, shownNames] : [undefined, undefined]
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = filled(kept2, shown2) as Record<
      string,
      object
    >
    return {
      command: 'QueryCommand',
      input: {
        TableName: TABLE_NAME,
        ...(onIndex ? { IndexName: index } : { ConsistentRead }),
        KeyConditionExpression: `#hash = :hash${ranged}`,
        FilterExpression: kept2,
        ProjectionExpression: shown2,
        ExpressionAttributeNames: { '#hash': hash, ...(ranged && { '#sort': sort }), ...names },
        ExpressionAttributeValues: {
          ':hash': value(partitions, at),
          ...(ranged && { ':from': value(sorts, from) }),
          ...(ranged.includes(':to') && { ':to': value(sorts, to) }),
          ...values,
        },
        ...more,
      },
    }
  })

const scan = fc
  .record({ ConsistentRead: oneOf(undefined, false, true), Limit: oneOf(undefined, 1, 3), ...consumed })
  .map((more): Request => ({ command: 'ScanCommand', input: { TableName: TABLE_NAME, ...more } }))

/** A program of requests that read and write the same few items. */
export const programs: fc.Arbitrary<Request[]> = fc.array(
  fc.oneof(
    { arbitrary: single('PutItemCommand', conditional({ Item: anyItem })), weight: 5 },
    {
      arbitrary: single('UpdateItemCommand', conditional({ Key: anyKey, UpdateExpression: UPDATES })),
      weight: 7,
    },
    { arbitrary: single('DeleteItemCommand', conditional({ Key: anyKey }), oneOf(undefined, 'ALL_OLD')), weight: 2 },
    { arbitrary: transaction, weight: 5 },
    { arbitrary: get, weight: 1 },
    { arbitrary: batchGet, weight: 1 },
    { arbitrary: batchWrite, weight: 1 },
    { arbitrary: query, weight: 5 },
    { arbitrary: scan, weight: 1 },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)
