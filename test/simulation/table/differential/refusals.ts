import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Request, TABLE_NAME } from './request.ts'

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: string): AttributeValue => ({ N: text })
const Key: Item = { pk: s('a'), sk: s('x') }

export { Key as ITEM_KEY }

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

export function refusal(wrong: string, command: string, input: Record<string, unknown>): Refusal {
  return { wrong, request: { command: `${command}Command`, input: { TableName, ...input } } }
}

/** The names and values that an expression mentions. */
export function filledWith(text: string, values: Item = {}) {
  const names = [...text.matchAll(/#(\w+)/g)].map(([token, name]) => [token, name])
  return {
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
}

const put = (wrong: string, item: Item) => refusal(wrong, 'PutItem', { Item: { ...Key, ...item } })
const condition = (text: string, values?: Item) =>
  refusal(`condition ${text}`, 'DeleteItem', { Key, ConditionExpression: text, ...filledWith(text, values) })
const update = (text: string, values?: Item) =>
  refusal(`update ${text}`, 'UpdateItem', { Key, UpdateExpression: text, ...filledWith(text, values) })

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
  refusal('another table to write to', 'DeleteItem', { TableName: 'other', Key }),
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
  put('a null that is not', { n: { NULL: false } }),
  put('an item larger than 400 KB', { n: s('x'.repeat(409_600)) }),
]

const CONDITIONS: Refusal[] = [
  '',
  '  ',
  '#life =',
  '#life :v',
  '(#life = :v',
  '#life = :v)',
  '#life = :v AND',
  '#life ! :v',
  '#life BETWEEN :v',
  'attribute_exists(#life',
  'attribute_exists #life',
  'attribute_exists(:v)',
  'begins_with(#life)',
  '= :v',
  '#life = :v #life',
  '#life. = :v',
  'begins_with(#life, :v',
  '#life BETWEEN :v, :v',
  '(#life)',
  '() = :v',
].map((text) => condition(text, text.includes(':v') ? { ':v': s('l1') } : {}))

const PLACEHOLDERS: Refusal[] = [
  condition('#life :v #n', { ':v': s('l1') }),
  condition('#life #n #n'),
  condition('attribute_exists(#life) #n'),
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
    ...filledWith('#life', { ':v': s('l1'), ':x': s('l1'), ':y': s('l1') }),
  }),
  refusal('names without an expression', 'DeleteItem', { Key, ExpressionAttributeNames: NAMES }),
  refusal('names without a projection', 'GetItem', { Key, ExpressionAttributeNames: NAMES }),
  refusal('values of which there are none', 'DeleteItem', {
    Key,
    ConditionExpression: 'attribute_exists(#life)',
    ...filledWith('#life'),
    ExpressionAttributeValues: {},
  }),
  refusal('a value that is none', 'DeleteItem', {
    Key,
    ConditionExpression: '#life = :v',
    ...filledWith('#life', { ':v': n('abc') }),
  }),
]

const UPDATES: Refusal[] = [
  'SET #n = :v, #n = :v',
  'SET #n = :v REMOVE #n',
  'REMOVE #n, #n',
  'ADD #n :v REMOVE #n',
  'SET #state.#t = :v, #state = :v',
  'SET #state = :v, #state.#t = :v',
  'SET #state.#t = :v, #state.#t = :v',
  'SET #pk = :v',
  'REMOVE #sk',
  'ADD #sk :v',
  'SET #sk = #life',
  'SET #n = #n + :text',
  'SET #n = :text - :v',
  'ADD #n :text',
  'ADD #n :list',
  'ADD #n :bool',
  'ADD #n :null',
  'ADD #n :map',
  'ADD #n :bytes',
  'SET #n = :set + :v',
  'SET #n = :v + :ranks',
  'SET #n = list_append(:v, :list)',
  'SET #n = list_append(list_append(:v, :list), :list)',
  'SET #n = if_not_exists(#missing, list_append(:list, :v))',
  'SET #n = if_not_exists(#n, list_append(:v, :list))',
  'SET #history = list_append(:list, :v)',
  'SET #n = if_not_exists(#n, :text) + :text',
  'SET #life = #missing',
  'SET #n = #missing + :v',
  'SET #n = :v - #life',
  'SET #n = #life + :v',
  'SET #n = list_append(#n, :list)',
  'SET #n = list_append(:list, #life)',
  'SET #n = list_append(#missing, :list)',
  'SET #missing.#t = :v',
  'SET #life.#t = :v',
  'SET #state.#t.#x = :v',
  'ADD #waitsIn :v',
  'ADD #n :set',
  'ADD #life :v',
  'ADD #state :set',
  'SET #n = :large + :v',
  'SET #n = :top + :top',
  'SET #phase = :v',
  'SET #startAt = :text',
  'SET #phase = :empty',
  'SET #startAt = #life',
  'SET #life = :huge',
  '',
  'SET',
  'SET #n',
  'SET #n =',
  'SET #n = :v,',
  'SET #n = :v SET #life = :v',
  'SET #n : :v',
  'SET #n = :v #life',
  'SET :v = #n',
  'ADD #n #life',
  'REMOVE #n :v',
  'SET #n = list_append(:list',
  'SET #n = list_append(:list)',
  'SET #n = if_not_exists(#n, :v',
  'SET #n = if_not_exists(#n)',
  'SET #n = if_not_exists :v',
  'SET #n = list_append :v',
  'SET #n = #n + :v + :v',
  '= :v',
  'REMOVE',
  'ADD #n',
  'SET #n = if_not_exists(#n :v)',
  'SET #n = list_append(:list :list)',
].map((text) => {
  const values: Item = {
    ':v': n('1'),
    ':text': s('5'),
    ':empty': s(''),
    ':list': { L: [] },
    ':set': { SS: ['q'] },
    ':ranks': { NS: ['1'] },
    ':bool': { BOOL: true },
    ':null': { NULL: true },
    ':map': { M: {} },
    ':bytes': { B: Uint8Array.from([1]) },
    ':large': n('12345678901234567890123456789012345678'),
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

/** Requests about one item that both the engine and the table in memory refuse, as DynamoDB does. */
export const REFUSALS: readonly Refusal[] = [...KEYS, ...VALUES, ...CONDITIONS, ...PLACEHOLDERS, ...UPDATES]
