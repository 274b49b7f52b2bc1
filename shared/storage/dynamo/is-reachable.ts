import { getItem } from './get-item.ts'
import { poolKey, type Table } from './table.ts'

/** Whether the table answers, by one read of an item that need not exist. */
export async function isReachable(table: Table): Promise<boolean> {
  try {
    await getItem(table, poolKey('none'))
    return true
  } catch {
    return false
  }
}
