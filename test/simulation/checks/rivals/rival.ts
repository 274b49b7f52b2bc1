import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Key, POOL_POLL_SORT } from '#shared/storage/dynamo/table.ts'
import { type Effect, type StandIns, standInName } from '../../table/commands/foresee.ts'

/** A write that is about to be made, and what is stored beside what it writes. */
export interface Write {
  effects: readonly Effect[]
  item: (key: Key) => Item | undefined
}

/** What another may have done, unseen, before a write arrives that must then be refused. */
export interface Rival {
  /** As in "although it `did`". */
  did: string
  /** What would be stored then; null where the write may be made all the same. */
  leaves: (effect: Effect, write: Write) => StandIns | null
}

/** One item that stands in for another. */
export const instead = (key: Key, item: Item | undefined): StandIns => new Map([[standInName(key), item]])

/** Several stand-ins at once, without those that stand for nothing. */
export function together(...all: (StandIns | null)[]): StandIns {
  return new Map(all.flatMap((each) => [...(each ?? [])]))
}

/** A copy with other values; undefined ones are left out. */
export function changed(item: Item, values: Record<string, AttributeValue | undefined>): Item {
  const entries = Object.entries({ ...item, ...values }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Item
}

/** A copy in which numbers are greater by so much. */
export function risen(item: Item, by: Record<string, number>): Item {
  return changed(
    item,
    Object.fromEntries(Object.entries(by).map(([name, n]) => [name, { N: String(numberOf(item, name) + n) }])),
  )
}

/** A number of an item; 0 where it has none. */
export const numberOf = (item: Item | undefined, name: string): number => Number(item?.[name]?.N ?? 0)

/** Whether a write changes an attribute. */
export function changes({ before, after }: Effect, name: string): boolean {
  return JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name])
}

/** Whether it changes no other attributes of an item that stays. */
export function changesOnly(effect: Effect, names: readonly string[]): boolean {
  const { before, after } = effect
  if (!before || !after) return false
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) => names.includes(name) || !changes(effect, name),
  )
}

/** What an item is, by its key: `run`, or `limit#queue`; undefined for what is one of several under another's key. */
export function kindOf({ pk, sk }: Key): string | undefined {
  const [first = '', second = ''] = pk.split('#')
  if (sk.startsWith('details#') || sk === POOL_POLL_SORT) return undefined
  return first === 'limit' ? `${first}#${second}` : first
}

export const OTHER_LIFE: AttributeValue = { S: '0ther11fe0f1t5e1' }
