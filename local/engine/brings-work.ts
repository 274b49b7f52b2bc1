import { activePhase } from '#shared/flow-run/phase.ts'

/** As far as it is looked at, what DynamoDB's requests hold. */
interface Attribute {
  S?: string | undefined
  M?: Record<string, Attribute> | undefined
}
type Item = Record<string, Attribute> | undefined
interface Action {
  Update?: { ExpressionAttributeValues?: Item } | undefined
}

/** As far as it is looked at, the input of a command that writes. */
export interface WriteInput {
  Item?: Item
  TransactItems?: readonly Action[] | undefined
}

const ACTIVE = activePhase('')
const LOGS = 'logs#'

/**
 * Whether a write may bring those who wait for work what they wait for. Claims, runs that begin to run, and lines of
 * logs bring none, and are most of what is written while runs start.
 */
export function bringsWork({ Item, TransactItems }: WriteInput): boolean {
  if (TransactItems) return !TransactItems.some(isClaim)
  return !isRunning(Item) && !Item?.pk?.S?.startsWith(LOGS)
}

/** Takes a run, and slots: whatever else the transaction writes records that. */
function isClaim({ Update }: Action): boolean {
  const values = Update?.ExpressionAttributeValues
  return values?.[':scheduled'] !== undefined && values[':phase']?.S?.startsWith(ACTIVE) === true
}

function isRunning(item: Item): boolean {
  return item?.phase?.S?.startsWith(ACTIVE) === true && item.state?.M?.t?.S === 'RUNNING'
}
