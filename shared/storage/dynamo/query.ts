import { QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb'
import { type Expressions, express, fromItem, type Item } from './expression.ts'
import type { Key, Table } from './table.ts'

export interface QueryRequest extends Expressions {
  index?: string
  /** Index reads can't be consistent; table reads are by default. */
  consistent?: boolean
  descending?: boolean | undefined
  limit?: number | undefined
  after?: Item | undefined
}

/** Reads one page (at most 1 MB, or `limit` items) of a key range. */
export async function queryPage(
  table: Table,
  request: QueryRequest,
): Promise<{ items: Record<string, unknown>[]; after: Item | undefined }> {
  const { index, consistent, descending, limit, after, ...expressions } = request
  const answer: QueryCommandOutput = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: index,
      ConsistentRead: index ? undefined : (consistent ?? true),
      ScanIndexForward: !descending,
      Limit: limit,
      ExclusiveStartKey: after,
      ...express(expressions),
    }),
  )
  return { items: (answer.Items ?? []).map(fromItem), after: answer.LastEvaluatedKey }
}

/** Reads a whole key range, page by page, up to `limit` items. */
export async function queryAll(table: Table, request: QueryRequest): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  let after = request.after
  do {
    const left = request.limit === undefined ? undefined : request.limit - items.length
    const page = await queryPage(table, { ...request, limit: left, after })
    items.push(...page.items)
    after = page.after
  } while (after && (request.limit === undefined || items.length < request.limit))
  return items
}

/** The key of the item that an index's row stands for. */
export function keyOfRow({ pk, sk }: Record<string, unknown>): Key {
  return { pk: String(pk), sk: String(sk) }
}
