import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { FILTERS, PROJECTIONS } from './expression-texts.ts'
import { filled, PARTITIONS, type Request, TABLE_NAME } from './request.ts'

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values)
const s = (text: string): AttributeValue => ({ S: text })
const n = (text: number | string): AttributeValue => ({ N: String(text) })

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
export const queries: fc.Arbitrary<Request> = fc
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
    ReturnConsumedCapacity: oneOf('INDEXES', 'TOTAL', 'NONE', undefined),
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
