import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Table } from '#shared/storage/dynamo/table.ts'
import type { Request } from './request.ts'

/** What came of a request, in a form that compares: its response, or pages, or error. */
export type Outcome = { pages: unknown[] } | { error: unknown }

/** The commands that the product uses, by the names of their classes. */
export const COMMANDS = {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
}

/**
 * Makes a request of a table, with `alike` for the text of a refusal; queries and scans page by page to the end, each table by its
 * own keys. A request that is refused may be wrong in two ways, and which is found first is not said anywhere: so the text
 * counts only where one thing is wrong.
 */
export async function outcomeOf(
  table: Table,
  { command, input }: Request,
  alike?: (message: string) => string,
): Promise<Outcome> {
  const Command = COMMANDS[command as keyof typeof COMMANDS] as new (input: never) => QueryCommand
  const pages: unknown[] = []
  let after: unknown
  try {
    do {
      const request = after === undefined ? input : { ...input, ExclusiveStartKey: after }
      const { $metadata: _, ...output } = await table.client.send(new Command(request as never))
      pages.push(comparable(output))
      after = output.LastEvaluatedKey
    } while (after !== undefined)
    return { pages }
  } catch (error) {
    return { error: comparableError(error, alike) }
  }
}

interface ServiceError extends Error {
  Item?: unknown
  CancellationReasons?: { Code: string; Message?: string; Item?: unknown }[]
}

/** An error in a form that compares, with `alike` for the text of a refusal. */
export function comparableError(error: unknown, alike?: (message: string) => string): unknown {
  const { name, message, Item, CancellationReasons } = error as ServiceError
  if (name === 'ValidationException') return { name, ...(alike && { message: alike(message) }) }
  const reasons = CancellationReasons?.map(({ Message, ...reason }) => {
    if (reason.Code !== 'ValidationError') return { ...reason, ...(Message !== undefined && { Message }) }
    return { ...reason, ...(alike && { Message: alike(Message ?? '') }) }
  })
  return comparable({ name, message, ...(Item !== undefined && { Item }), ...(reasons && { reasons }) })
}

/** A value in a form that compares: bytes as text, sets in one order, and members that are undefined, which none should be. */
export function comparable(value: unknown): unknown {
  if (value === undefined) return 'undefined'
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      return [name, /^[SN]S$/.test(name) ? [...(member as string[])].toSorted() : comparable(member)]
    }),
  )
}
