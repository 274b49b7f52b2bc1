import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { limitItemKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { encodeClaim } from '#shared/storage/flow-run/run-codec.ts'

/** A held run, as far as lending it a slot goes. */
export type Holder = Pick<FlowRun, 'id' | 'life' | 'revision'> & Pick<HeldRun, 'claim'>

/**
 * Lends held runs a slot of the limit each, past its cap if needed: running work is never stopped. All of them (fewer than
 * a transaction holds) or none: false when one of them has changed.
 */
export async function adoptHolders(table: Table, key: LimitKey, runs: readonly Holder[]): Promise<boolean> {
  try {
    await transact(table, [
      ...runs.map(({ id, life, revision, claim }) =>
        updateAction(table, runKey(id), {
          update: 'SET #claim = :claim, #revision = #revision + :one',
          condition: '#revision = :revision AND #life = :life',
          values: { claim: encodeClaim({ ...claim, slots: [...claim.slots, key] }), one: 1, revision, life },
        }),
      ),
      updateAction(table, limitItemKey(key), {
        update: 'SET #active = #active + :n, #available = #available - :n, #moves = #moves + :one',
        condition: 'attribute_exists(#pk)',
        values: { n: runs.length, one: 1 },
      }),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused) return false
    throw error
  }
}
