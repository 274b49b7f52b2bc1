import { setTimeout as sleep } from 'node:timers/promises'
import { BatchGetItemCommand, type BatchGetItemCommandOutput } from '@aws-sdk/client-dynamodb'
import { express, fromItem, toItem } from './expression.ts'
import { LeftUnprocessed } from './left-unprocessed.ts'
import type { Key, Table } from './table.ts'

/** DynamoDB's limit for one BatchGetItem. */
const KEYS_MAX = 100
const ROUNDS_MAX = 8

/**
 * Reads items by key, in no particular order, whole or as projected; missing ones are left out, and of no keys nothing is
 * read. Consistent by default. Raises LeftUnprocessed.
 */
export async function batchGet(
  table: Table,
  keys: readonly Key[],
  consistent = true,
  projection?: string,
): Promise<Record<string, unknown>[]> {
  const pages: Key[][] = []
  for (let at = 0; at < keys.length; at += KEYS_MAX) pages.push(keys.slice(at, at + KEYS_MAX))
  const read = await Promise.all(pages.map((page) => getPage(table, page, consistent, projection)))
  return read.flat()
}

async function getPage(
  table: Table,
  keys: Key[],
  consistent: boolean,
  projection: string | undefined,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  let left: BatchGetItemCommandOutput['UnprocessedKeys'] = {
    [table.name]: {
      Keys: keys.map(toItem),
      ConsistentRead: consistent,
      ...(projection === undefined ? {} : express({ projection })),
    },
  }
  for (let round = 1; left && Object.keys(left).length > 0; round += 1) {
    if (round > ROUNDS_MAX) throw new LeftUnprocessed(left[table.name]?.Keys?.length ?? 0)
    if (round > 1) await sleep(20 * 2 ** round)
    const answer: BatchGetItemCommandOutput = await table.client.send(new BatchGetItemCommand({ RequestItems: left }))
    items.push(...(answer.Responses?.[table.name] ?? []).map(fromItem))
    left = answer.UnprocessedKeys
  }
  return items
}
