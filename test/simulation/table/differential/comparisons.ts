import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Request, TABLE_NAME } from './request.ts'

const TableName = TABLE_NAME
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: string): AttributeValue => ({ N: text })
const bytes = (...some: number[]): AttributeValue => ({ B: Uint8Array.from(some) })
const request = (command: string, input: Record<string, unknown>): Request => ({ command: `${command}Command`, input })

/** Values that are alike in all but one way, of every type. */
const VALUES: readonly AttributeValue[] = [
  ...['', 'a', 'ab', 'b', '\u{D7FF}', '\u{E000}', '\u{FFFF}', '\u{10000}', '\u{10FFFF}', '1'].map(s),
  ...['0', '1', '-1', '10', '9.5', '1.05', '-0.5', '1e20', '100000000000000000001'].map(n),
  bytes(),
  bytes(1),
  bytes(1, 2),
  bytes(2),
  bytes(255),
  ...[true, false].map((BOOL): AttributeValue => ({ BOOL })),
  { NULL: true },
  ...[['a'], ['a', 'b'], ['b', 'a'], ['a', 'c'], ['1']].map((SS): AttributeValue => ({ SS })),
  ...[['1'], ['1', '2'], ['2', '1'], ['1', '3']].map((NS): AttributeValue => ({ NS })),
  ...[[], [n('1')], [n('1'), n('2')], [n('2'), n('1')], [s('1')]].map((L): AttributeValue => ({ L })),
  ...[{}, { a: n('1') }, { a: n('2') }, { b: n('1') }, { a: n('1'), b: n('1') }].map((M): AttributeValue => ({ M })),
]

/** What has an order, so that DynamoDB takes it for `<` and its like. */
const ORDERED = VALUES.filter((value) => value.S !== undefined || value.N !== undefined || value.B)

const stored = VALUES.map((a, at): Request => {
  return request('PutItem', { TableName, Item: { pk: s('p'), sk: s(String(at)), a } })
})

const filtered = (FilterExpression: string, values: Item): Request =>
  request('Query', {
    TableName,
    KeyConditionExpression: '#pk = :pk',
    FilterExpression,
    ProjectionExpression: '#sk',
    ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk', '#a': 'a' },
    ExpressionAttributeValues: { ':pk': s('p'), ...values },
  })

const numbered = (startAt: string, at: number): Request =>
  request('PutItem', { TableName, Item: { pk: s(`p${at}`), sk: s('x'), listKey: s('runs'), startAt: n(startAt) } })

function sum(left: string, sign: '+' | '-', right: string): Request {
  return request('UpdateItem', {
    TableName,
    Key: { pk: s(`${left} ${sign} ${right}`), sk: s('x') },
    UpdateExpression: `SET #a = :left ${sign} :right`,
    ExpressionAttributeNames: { '#a': 'a' },
    ExpressionAttributeValues: { ':left': n(left), ':right': n(right) },
  })
}

const NINES = '9'.repeat(38)
const NUMBERS = [
  NINES,
  `-${NINES}`,
  `${NINES}9`,
  `-${NINES}9`,
  `${NINES}0`,
  `0.${NINES}`,
  `0.0${NINES}`,
  `1${'0'.repeat(37)}1`,
  '9.9e125',
  '-9.9e125',
  '9e125',
  '-9e125',
  '9.9e126',
  '-9.9e126',
  '1e-130',
  '-1e-130',
  '1e-131',
  '1.1e-130',
  '-10',
  '-0.10',
  '00.10',
  '1E+2',
  '1e-2',
  '.5',
  '5.',
  '-.5',
  '+1',
  '120e-1',
  '120e-3',
  '0e200',
  '-0',
  '-100e-2',
]

/** Programs that compare values with each other, and numbers with what a number can be. */
export const COMPARISONS: readonly { of: string; program: readonly Request[] }[] = [
  {
    of: 'what is equal',
    program: [
      ...stored,
      ...VALUES.flatMap((value) => ['=', '<>'].map((by) => filtered(`#a ${by} :v`, { ':v': value }))),
    ],
  },
  {
    of: 'what is less',
    program: [
      ...stored,
      ...ORDERED.flatMap((value) => ['<', '<=', '>', '>='].map((by) => filtered(`#a ${by} :v`, { ':v': value }))),
      ...ORDERED.filter(({ S }) => S !== undefined).map((value) => filtered('begins_with(#a, :v)', { ':v': value })),
      filtered('#a BETWEEN :v AND :w', { ':v': n('1'), ':w': n('10') }),
      filtered('#a BETWEEN :v AND :w', { ':v': s('a'), ':w': s('b') }),
      filtered(' (#a = :v)\n OR  #a=:w ', { ':v': s('a'), ':w': s('b') }),
    ],
  },
  {
    of: 'the order of strings',
    program: ['S', 'N'].flatMap((type) => [
      ...VALUES.filter((value) => value.S).map((value, at) => {
        const place = type === 'S' ? { phase: s('k'), phaseSort: value } : { phase: s('l'), phaseSort: s('same') }
        return request('PutItem', { TableName, Item: { pk: s(`p${at}`), sk: value, ...place } })
      }),
      request('Query', {
        TableName,
        IndexName: 'phase',
        KeyConditionExpression: '#phase = :k',
        ExpressionAttributeNames: { '#phase': 'phase' },
        ExpressionAttributeValues: { ':k': s(type === 'S' ? 'k' : 'l') },
      }),
    ]),
  },
  {
    of: 'the order of numbers',
    program: [
      ...[...VALUES.flatMap(({ N }) => N ?? []), '1e-130', '-1e-130', '9.9e125', '-9.9e125', '1e2', '99.99'].map(
        numbered,
      ),
      request('Query', {
        TableName,
        IndexName: 'time',
        KeyConditionExpression: '#listKey = :k',
        ExpressionAttributeNames: { '#listKey': 'listKey' },
        ExpressionAttributeValues: { ':k': s('runs') },
      }),
    ],
  },
  {
    of: 'what a number is',
    program: NUMBERS.map((text, at) =>
      request('PutItem', { TableName, Item: { pk: s(`p${at}`), sk: s('x'), a: n(text) } }),
    ),
  },
  {
    of: 'what a sum is',
    program: [
      sum('0.1', '+', '0.2'),
      sum('1', '-', '0.9'),
      sum('-1', '-', '9'),
      sum('5', '-', '5'),
      sum('1e20', '+', '1'),
      sum('1e37', '+', '1'),
      sum('1e38', '+', '1'),
      sum('1e37', '-', '0.1'),
      sum(NINES, '+', '1'),
      sum(NINES, '-', `-${NINES}`),
      sum('9e125', '+', '9e124'),
      sum('9e125', '+', '1e125'),
      sum('-9e125', '-', '1e125'),
      sum('1.1e-129', '-', '1e-129'),
      sum('1.5e-130', '+', '1'),
    ],
  },
]
