import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { runKey, type Table } from '#shared/storage/dynamo/table.ts'

/**
 * The lives of runs, by id; those that don't exist are left out. Consistent, since what is written under a life of a
 * moment ago would be lost.
 */
export async function getLives(table: Table, runIds: readonly string[]): Promise<Map<string, string>> {
  const ids = [...new Set(runIds)]
  const items = await batchGet(table, ids.map(runKey), true, '#pk, #life')
  return new Map(items.map(({ pk, life }) => [String(pk).slice(runKey('').pk.length), String(life)]))
}

/** A run with its life, by its id; undefined when there is none. */
export async function getRunRef(table: Table, runId: string): Promise<RunRef | undefined> {
  const life = (await getLives(table, [runId])).get(runId)
  return life === undefined ? undefined : { id: runId, life }
}
