import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Deletion } from '#shared/deletion/deletion.ts'
import { type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import type { Expressions } from '#shared/storage/dynamo/expression.ts'
import { deploymentKey, type Key, limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction } from '#shared/storage/dynamo/transact.ts'

/** What must hold for a write that a deletion makes, in the write's own transaction. */
export type Check = TransactWriteItem

/** Holds while that life is being deleted: of a pool's or queue's limit, or of a deployment. */
export function whileDeleting(life: string): Expressions {
  return { condition: '#deleting = :true AND #life = :life', values: { true: true, life } }
}

/** Holds while that life is being deleted, and after that until it is created again. */
export function deletionCheck(table: Table, { kind, id, life }: DeletedThing): Check {
  const { condition, values } = whileDeleting(life)
  return checkAction(table, markedKey(kind, id), {
    condition: `attribute_not_exists(#pk) OR (${condition})`,
    ...(values ? { values } : {}),
  })
}

/** Holds while there is no such limit, and so no pool or queue that it would be the limit of. */
export function absenceCheck(table: Table, key: LimitKey): Check {
  return checkAction(table, limitItemKey(key), { condition: 'attribute_not_exists(#pk)' })
}

/** A thing that is marked as being deleted before it is removed. */
export interface DeletedThing {
  kind: Exclude<Deletion['kind'], 'run'>
  id: string
  life: string
}

function markedKey(kind: DeletedThing['kind'], id: string): Key {
  if (kind === 'deployment') return deploymentKey(id)
  return limitItemKey(kind === 'pool' ? poolLimit(id) : queueLimit(id))
}
