import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Request, TABLE_NAME } from './requests.ts'

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: string): AttributeValue => ({ N: text })
const Key: Item = { pk: s('a'), sk: s('x') }
const NAMES = { '#life': 'life', '#n': 'n' }

/** An item for the refused requests to meet. */
export const ITEM: Item = {
  ...Key,
  n: n('1'),
  life: s('l1'),
  state: { M: { t: s('SCHEDULED') } },
  history: { L: [n('1')] },
  waitsIn: { SS: ['p'] },
  ranks: { NS: ['2.5'] },
  phase: s('ready'),
  phaseSort: s('1'),
  listKey: s('runs'),
  startAt: n('5'),
}

/** A request in which one thing is wrong. */
export interface Refusal {
  wrong: string
  request: Request
}

/** What both say in other words: where the text of an error has values in it, or says where the syntax is wrong. */
const ALIKE: readonly { text: RegExp; alike: string }[] = [
  { text: /^Invalid (\w+)Expression: (Syntax error|Expected|Incorrect number of operands).*/, alike: 'syntax of $1' },
  { text: /^Unexpected (token|operator|end).* (\w+)Expression.*/, alike: 'syntax of $2' },
  { text: /^Invalid operator used in (\w+)Expression: .*/, alike: 'syntax of $1' },
  { text: /^Expected closing parenthesis in KeyConditionExpression, .*/, alike: 'syntax of KeyCondition' },
  {
    text: /^Invalid (\w+)Expression: (The expression can not be empty;|partition key must use equality)/,
    alike: 'syntax of $1',
  },
  { text: /^Query key condition not supported/, alike: 'syntax of KeyCondition' },
  {
    text: /^(Operands for [+-] must be numbers|list_append requires two list operands)$/,
    alike: 'An operand in the update expression has an incorrect data type',
  },
  { text: /keys: \{(:x, :y|:y, :x)\}/, alike: 'keys' },
  { text: / IndexName: \w+$/, alike: '' },
  { text: /^ExpressionAttributeValues contains invalid value: (.*) for key :v/, alike: '$1' },
  { text: /path one: \[(.*)\], path two: \[(.*)\]/, alike: 'paths' },
  { text: /^The provided starting key is invalid: /, alike: '' },
  { text: /^Value [^]*?Member must have (length|value) (less|greater)[^]*/, alike: 'a $1 that is $2' },
  { text: /^TransactItems? .*/, alike: 'one action' },
]

/** The text of a refusal, without what the engine says in its own words. */
export function alike(message: string): string {
  const text = message.replace(/^1 validation error detected: /, '')
  return ALIKE.reduce((so, one) => so.replace(one.text, one.alike), text)
}

function refusal(wrong: string, command: string, input: Record<string, unknown>): Refusal {
  return { wrong, request: { command: `${command}Command`, input: { TableName, ...input } } }
}

/** The names and values that an expression mentions. */
function filled(text: string, values: Item = {}) {
  const names = [...text.matchAll(/#(\w+)/g)].map(([token, name]) => [token, name])
  return {
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
}

const put = (wrong: string, item: Item) => refusal(wrong, 'PutItem', { Item: { ...Key, ...item } })
const condition = (text: string, values?: Item) =>
  refusal(`condition ${text}`, 'DeleteItem', { Key, ConditionExpression: text, ...filled(text, values) })
const update = (text: string, values?: Item) =>
  refusal(`update ${text}`, 'UpdateItem', { Key, UpdateExpression: text, ...filled(text, values) })

const KEYS: Refusal[] = [
  put('an empty partition key', { pk: s('') }),
  put('an empty sort key', { sk: s('') }),
  put('a partition key of another type', { pk: n('1') }),
  put('a sort key of another type', { sk: n('1') }),
  put('a long partition key', { pk: s('x'.repeat(2049)) }),
  put('a long sort key', { sk: s('é'.repeat(513)) }),
  refusal('an item without a sort key', 'PutItem', { Item: { pk: s('a') } }),
  refusal('an item without a partition key', 'PutItem', { Item: { sk: s('a') } }),
  refusal('a key without its sort key', 'GetItem', { Key: { pk: s('a') } }),
  refusal('a key without its partition key', 'GetItem', { Key: { sk: s('a') } }),
  refusal('a key of another type', 'GetItem', { Key: { pk: s('a'), sk: n('1') } }),
  refusal('a key with more attributes', 'GetItem', { Key: { ...Key, life: s('l1') } }),
  refusal('a key that is empty', 'DeleteItem', { Key: { pk: s(''), sk: s('x') } }),
  refusal('a key of which a part is empty', 'UpdateItem', { Key: { pk: s('a'), sk: s('') } }),
  refusal('another table', 'GetItem', { TableName: 'other', Key }),
  put('a key of an index that is of another type', { phase: n('1') }),
  put('a sort key of an index that is of another type', { startAt: s('1') }),
  put('a key of an index that is empty', { phase: s('') }),
  put('a key of an index that is null', { deploymentId: { NULL: true } }),
]

const VALUES: Refusal[] = [
  ...['abc', '1e', '.', 'NaN', ' 1', '0x1', ''].map((text) => put(`the number ${text}`, { n: n(text) })),
  put('a number of 39 digits', { n: n('1'.repeat(39)) }),
  put('a number too large', { n: n('1e126') }),
  put('a number too large by its digits', { n: n('12345e122') }),
  put('a number too small', { n: n('1e-131') }),
  put('an empty string set', { n: { SS: [] } }),
  put('an empty number set', { n: { NS: [] } }),
  put('a string set with a member twice', { n: { SS: ['a', 'b', 'a'] } }),
  put('a null that is not', { n: { NULL: false } as never }),
  put('an item larger than 400 KB', { n: s('x'.repeat(409_600)) }),
]

const CONDITIONS: Refusal[] = [
  ...[
    '',
    '  ',
    '#life =',
    '#life :v',
    '(#life = :v',
    '#life = :v)',
    '#life = :v AND',
    '#life ! :v',
    '#life BETWEEN :v',
  ],
  ...['attribute_exists(#life', 'attribute_exists #life', 'attribute_exists(:v)', 'begins_with(#life)', '= :v'],
  ...['#life = :v #life', '#life. = :v', 'begins_with(#life, :v', '#life BETWEEN :v, :v', '(#life)', '() = :v'],
].map((text) => condition(text, text.includes(':v') ? { ':v': s('l1') } : {}))

const PLACEHOLDERS: Refusal[] = [
  condition('((#life = :v))', { ':v': s('l1') }),
  condition('#life = :v'),
  condition('#life = :v AND #n = :w', { ':v': s('l1') }),
  refusal('a name that is not defined', 'DeleteItem', { Key, ConditionExpression: 'attribute_exists(#life)' }),
  refusal('a name that is not used', 'DeleteItem', {
    Key,
    ConditionExpression: 'attribute_exists(#life)',
    ExpressionAttributeNames: NAMES,
  }),
  refusal('a value that is not used', 'DeleteItem', {
    Key,
    ConditionExpression: '#life = :v',
    ...filled('#life', { ':v': s('l1'), ':x': s('l1'), ':y': s('l1') }),
  }),
  refusal('names without an expression', 'DeleteItem', { Key, ExpressionAttributeNames: NAMES }),
  refusal('names without a projection', 'GetItem', { Key, ExpressionAttributeNames: NAMES }),
  refusal('values of which there are none', 'DeleteItem', {
    Key,
    ConditionExpression: 'attribute_exists(#life)',
    ...filled('#life'),
    ExpressionAttributeValues: {},
  }),
  refusal('a value that is none', 'DeleteItem', {
    Key,
    ConditionExpression: '#life = :v',
    ...filled('#life', { ':v': n('abc') }),
  }),
]

const UPDATES: Refusal[] = [
  ...['SET #n = :v, #n = :v', 'SET #n = :v REMOVE #n', 'REMOVE #n, #n', 'ADD #n :v REMOVE #n'],
  ...['SET #state.#t = :v, #state = :v', 'SET #state = :v, #state.#t = :v', 'SET #state.#t = :v, #state.#t = :v'],
  ...['SET #pk = :v', 'REMOVE #sk', 'ADD #sk :v', 'SET #sk = #life'],
  ...[
    'SET #n = #n + :text',
    'SET #n = :text - :v',
    'ADD #n :text',
    'ADD #n :list',
    'SET #history = list_append(:list, :v)',
  ],
  ...[
    'SET #n = if_not_exists(#n, :text) + :text',
    'SET #life = #missing',
    'SET #n = #missing + :v',
    'SET #n = :v - #life',
  ],
  ...['SET #n = #life + :v', 'SET #n = list_append(#n, :list)', 'SET #n = list_append(:list, #life)'],
  ...['SET #n = list_append(#missing, :list)', 'SET #missing.#t = :v', 'SET #life.#t = :v', 'SET #state.#t.#x = :v'],
  ...[
    'ADD #waitsIn :v',
    'ADD #n :set',
    'ADD #life :v',
    'ADD #state :set',
    'SET #n = :large + :v',
    'SET #n = :top + :top',
  ],
  ...['SET #phase = :v', 'SET #startAt = :text', 'SET #phase = :empty', 'SET #startAt = #life', 'SET #life = :huge'],
  ...[
    '',
    'SET',
    'SET #n',
    'SET #n =',
    'SET #n = :v,',
    'SET #n = :v SET #life = :v',
    'SET #n : :v',
    'SET #n = :v #life',
  ],
  ...['SET :v = #n', 'ADD #n #life', 'REMOVE #n :v', 'SET #n = list_append(:list', 'SET #n = list_append(:list)'],
  ...[
    'SET #n = if_not_exists(#n, :v',
    'SET #n = if_not_exists(#n)',
    'SET #n = if_not_exists :v',
    'SET #n = list_append :v',
  ],
  ...[
    'SET #n = #n + :v + :v',
    '= :v',
    'REMOVE',
    'ADD #n',
    'SET #n = if_not_exists(#n :v)',
    'SET #n = list_append(:list :list)',
  ],
].map((text) => {
  const values: Item = {
    ':v': n('1'),
    ':text': s('5'),
    ':empty': s(''),
    ':list': { L: [] },
    ':set': { SS: ['q'] },
    ':large': n('12345678901234567890123456789012345678.5'.replace('.5', '')),
    ':top': n('9.9e125'),
    ':huge': s('x'.repeat(409_500)),
  }
  const large = { ...values, ':v': n('0.5') }
  const used = text.includes(':large') ? large : values
  return update(
    text,
    Object.fromEntries(Object.entries(used).filter(([token]) => new RegExp(`${token}\\b`).test(text))),
  )
})

function query(text: string, values: Item, more: Record<string, unknown> = {}): Refusal {
  const index = /phase|startAt/.test(text) ? { IndexName: /phase/.test(text) ? 'phase' : 'time' } : {}
  return refusal(`query ${text} ${Object.keys(more).join(' ')}`, 'Query', {
    ...index,
    KeyConditionExpression: text,
    ...filled(text + Object.values(more).join(' '), values),
    ...more,
  })
}

const P = { ':p': s('a') }
const QUERIES: Refusal[] = [
  ...['#sk = :p', '#pk > :p', '#pk = :p OR #pk = :p', '#pk = :p AND #life = :p', '#pk = :p AND #sk <> :p'],
  ...['#pk = :p AND #sk > :p AND #sk < :p', 'attribute_exists(#pk)', '#pk = :p AND attribute_exists(#sk)', '#pk <> :p'],
  ...[
    '',
    '#pk',
    '#pk BETWEEN :p AND :p',
    'begins_with(#pk, :p)',
    '#phase = :p AND #sk = :p',
    '#pk = :p AND (#sk = :p OR #sk = :p)',
  ],
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
    refusal('a scan of no items', 'Scan', { Limit: 0 }),
    refusal('a scan from half a key', 'Scan', { ExclusiveStartKey: { pk: s('a') } }),
    refusal('a scan of another table', 'Scan', { TableName: 'other' }),
    refusal('a query of another table', 'Query', {
      TableName: 'other',
      KeyConditionExpression: '#pk = :p',
      ...filled('#pk', P),
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
  batch('a batch of reads with an unused name', 'BatchGetItem', { Keys: [Key], ExpressionAttributeNames: NAMES }),
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
  transaction('a transaction of more than 4 MB', [
    ...KEYS_OF(11).map((each) => ({ Put: { TableName, Item: { ...each, n: s('x'.repeat(400_000)) } } })),
  ]),
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
        ...filled('#life', { ':huge': s('x'.repeat(409_500)) }),
      },
    },
  ]),
]

/** Requests that both the engine and the table in memory refuse, as DynamoDB does. */
export const REFUSALS: readonly Refusal[] = [
  ...KEYS,
  ...VALUES,
  ...CONDITIONS,
  ...PLACEHOLDERS,
  ...UPDATES,
  ...QUERIES,
  ...BATCHES,
]
