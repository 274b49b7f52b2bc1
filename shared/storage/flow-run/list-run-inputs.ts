import type { RunInput } from '#shared/flow-run/run-input.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { runInputKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads an input of a run; undefined when there is none of that key. */
export async function getRunInput(table: Table, run: RunRef, key: string): Promise<RunInput | undefined> {
  const [item] = await batchGet(table, [runInputKey(run, key)])
  return item && decode(run.id, item)
}

/** Reads the inputs of a run whose keys start so, the oldest first, at most `limit` and none of those that are left out. */
export async function listRunInputs(
  table: Table,
  { run, prefix, limit, exclude }: { run: RunRef; prefix: string; limit: number; exclude: readonly string[] },
): Promise<RunInput[]> {
  const left = new Set(exclude)
  const rows = await queryAll(table, {
    keyCondition: prefix === '' ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :prefix)',
    projection: '#sk, #created',
    values: { pk: runInputKey(run, '').pk, ...(prefix === '' ? {} : { prefix }) },
  })
  const wanted = rows
    .filter(({ sk }) => !left.has(String(sk)))
    .toSorted((a, b) => (a.created as number) - (b.created as number))
    .slice(0, limit)
  const items = await batchGet(
    table,
    wanted.map(({ sk }) => runInputKey(run, String(sk))),
  )
  return items.map((item) => decode(run.id, item)).toSorted((a, b) => a.created - b.created)
}

function decode(runId: string, item: Record<string, unknown>): RunInput {
  const { sk, value, sender, created } = item as { sk: string; value: string; sender?: string; created: number }
  return { runId, key: sk, value, sender: sender ?? null, created }
}
