import type { Deletion } from '#shared/deletion/deletion.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { deletionKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads deletions that are wanted, those that have been due for longest first; stops reading once it has seen so many. */
export async function listDeletions(
  table: Table,
  most: number,
  isWanted: (deletion: Deletion) => boolean,
): Promise<Deletion[]> {
  const wanted: Deletion[] = []
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      keyCondition: '#pk = :pk',
      values: { pk: deletionKey('', { id: '', life: '' }).pk },
      consistent: false,
      after,
    })
    wanted.push(...page.items.map(decodeDeletion).filter(isWanted))
    after = page.after
  } while (after && wanted.length < most)
  return wanted.toSorted((a, b) => a.due - b.due).slice(0, most)
}

function decodeDeletion(item: Record<string, unknown>): Deletion {
  const { pk: _, sk: __, ...deletion } = item
  return deletion as unknown as Deletion
}
