import type { Deletion } from '#shared/deletion/deletion.ts'
import type { Instant } from '#shared/instant.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { deletionKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads deletions that are due, those that have been for longest first; stops reading once it has seen so many. */
export async function listDeletions(table: Table, now: Instant, most: number): Promise<Deletion[]> {
  const due: Deletion[] = []
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      keyCondition: '#pk = :pk',
      values: { pk: deletionKey('', { id: '', life: '' }).pk },
      consistent: false,
      after,
    })
    due.push(...page.items.map(decodeDeletion).filter((deletion) => deletion.due <= now))
    after = page.after
  } while (after && due.length < most)
  return due.toSorted((a, b) => a.due - b.due).slice(0, most)
}

function decodeDeletion(item: Record<string, unknown>): Deletion {
  const { pk: _, sk: __, ...deletion } = item
  return deletion as unknown as Deletion
}
