import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** One request of a program, or all pages of one that has pages. */
export interface Request {
  command: string
  input: Record<string, unknown>
}

export const TABLE_NAME = 'program'

/** Few keys, so that requests meet; surrogates sort behind what UTF-16 puts behind them. */
export const PARTITIONS = ['a', 'b', '\u{1F600}', '\uFF5E']

const s = (text: string): AttributeValue => ({ S: text })
const n = (text: number | string): AttributeValue => ({ N: String(text) })

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
