import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import type { Check } from '#shared/storage/deletion/deletion-check.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { decodeRun, encodeRun } from './run-codec.ts'
import { decodeDetails } from './run-details.ts'

/** Runs in one transaction: each is an action of the 100 that it holds. */
export const CHANGED_AT_ONCE_MAX = 50

/**
 * Changes runs that wait, and so hold no slots: each as `decide` says of a fresh read (undefined: not at all), and only
 * while the check holds. Details are not read, and stay as they are, whatever their size. A run that another write reaches first is passed over. Returns how many were changed; undefined
 * when the check no longer holds, and nothing was written.
 */
export async function changeWaitingRuns(
  table: Table,
  runIds: readonly string[],
  decide: (run: FlowRun) => FlowRun | undefined,
  check: Check,
): Promise<number | undefined> {
  const owns = await batchGet(table, [...new Set(runIds)].map(runKey))
  let puts = owns.flatMap((own) => changeAction(table, own, decide) ?? [])
  while (puts.length > 0) {
    try {
      await transact(table, [check, ...puts])
      return puts.length
    } catch (error) {
      if (!(error instanceof TransactionRefused)) throw error
      if (error.failedAt(0)) return undefined
      const left = puts.filter((_, at) => !error.failedAt(at + 1))
      if (left.length === puts.length) throw error
      puts = left
    }
  }
  return 0
}

function changeAction(
  table: Table,
  own: Record<string, unknown>,
  decide: (run: FlowRun) => FlowRun | undefined,
): TransactWriteItem | undefined {
  const run = decodeRun(own, decodeDetails('{}'))
  const after = isWaiting(run) ? decide(run) : undefined
  if (!after) return undefined
  const { details, detailChunks } = own
  const item = encodeRun({ ...after, revision: run.revision + 1 })
  return putAction(
    table,
    { ...item, details, detailChunks },
    {
      condition: '#revision = :revision AND #life = :life',
      values: { revision: run.revision, life: run.life },
    },
  )
}
