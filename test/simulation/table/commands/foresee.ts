import type { TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { holds } from '../expressions/holds.ts'
import { tableRow } from '../rows/index-rows.ts'
import type { Row } from '../rows/sorted-view.ts'
import type { TableRows } from '../rows/table-rows.ts'
import { deleteAction, type ItemAction, outcomeOf, putAction, updateAction } from './item-action.ts'
import { actionOf } from './transact-write-items.ts'

/** What a write would make of one item; a check leaves the item as it is. */
export interface Effect {
  key: Key
  before: Item | undefined
  after: Item | undefined
}

/** Items that stand in for what is stored, or for what is not, by their key. */
export type StandIns = ReadonlyMap<string, Item | undefined>

export const standInName = ({ pk, sk }: Key): string => `${pk} ${sk}`

/** A write that has not been made. */
export interface ForeseenWrite {
  /** What it would do, action by action. */
  effects: readonly Effect[]
  /**
   * What it would do to the items that others stand in for; undefined when a condition would refuse it. What fails
   * otherwise, such as adding to a number that is not there, is an error that no code expects: it is in no effect.
   */
  given: (standIns: StandIns) => Effect[] | undefined
}

/** Looks at a write without making it; undefined where it would be refused, and for commands that have no conditions. */
export function foresee(rows: TableRows, command: string, input: object): ForeseenWrite | undefined {
  const actions = unlessRefused(() => actionsOf(command, input))
  const effects = actions && unlessRefused(() => actions.map((action) => effectOf(action, rows.get(action.key))))
  if (!effects) return undefined
  return { effects, given: (standIns) => effectsGiven(actions, standIns) }
}

function effectsGiven(actions: readonly ItemAction[], standIns: StandIns): Effect[] | undefined {
  const concerned = actions.flatMap((action) => {
    const name = standInName(action.key)
    return standIns.has(name) ? [{ action, item: standIns.get(name) }] : []
  })
  // Errors are slow to make, and most stand-ins are refused.
  const isRefused = concerned.some(
    ({ action: { condition, scope }, item }) => condition && !holds(condition, item ?? {}, scope),
  )
  if (isRefused) return undefined
  return concerned.flatMap(({ action, item }) => {
    const effect = unlessRefused(() => effectOf(action, item && tableRow(action.key, item)))
    return effect ? [effect] : []
  })
}

/** What is decided, unless that raises an error of any kind. */
function unlessRefused<T>(decide: () => T): T | undefined {
  try {
    return decide()
  } catch {
    return undefined
  }
}

function actionsOf(command: string, input: object): ItemAction[] | undefined {
  switch (command) {
    case 'PutItem':
      return [putAction(input as never)]
    case 'UpdateItem':
      return [updateAction(input as never)]
    case 'DeleteItem':
      return [deleteAction(input as never)]
    case 'TransactWriteItems':
      return (input as TransactWriteItemsCommandInput).TransactItems?.map(actionOf)
    default:
      return undefined
  }
}

function effectOf(action: ItemAction, before: Row | undefined): Effect {
  return { key: action.key, before: before?.item, after: outcomeOf(action, before)?.item }
}
