import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { runDetailsKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeRun, detailsPlaceOf } from './run-codec.ts'
import { decodeDetails, joinChunks } from './run-details.ts'

/** Reads a run with its details, consistently; undefined when there is none. */
export async function getRun(table: Table, runId: string): Promise<FlowRun | undefined> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: runKey(runId).pk } })
  const own = items.find((item) => item.sk === 'run')
  return own && assembleRun(own, items)
}

/** Reads several runs with their details, in the requested order; missing ones are left out. */
export async function getRuns(table: Table, runIds: readonly string[]): Promise<FlowRun[]> {
  const ids = [...new Set(runIds)]
  const owns = await batchGet(table, ids.map(runKey))
  const chunkKeys = owns.flatMap((own) => {
    const runId = String(own.pk).slice('run#'.length)
    return Array.from({ length: detailsPlaceOf(own).chunks }, (_, chunk) => runDetailsKey(runId, chunk))
  })
  const chunksOf = Map.groupBy(await batchGet(table, chunkKeys), (chunk) => chunk.pk)
  const runs = owns.flatMap((own) => assembleRun(own, chunksOf.get(own.pk) ?? []) ?? [])
  const byId = new Map(runs.map((run) => [run.id, run]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** A run from its own item and its chunks; undefined when the chunks don't fit the run's item: the run was deleted or rewritten between the two reads. */
export function assembleRun(
  own: Record<string, unknown>,
  items: readonly Record<string, unknown>[],
): FlowRun | undefined {
  const place = detailsPlaceOf(own)
  if (place.inline !== undefined) return decodeRun(own, decodeDetails(place.inline))
  const chunks = items
    .filter((item) => String(item.sk).startsWith('details#'))
    .toSorted((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1))
    .slice(0, place.chunks)
  return chunks.length === place.chunks ? decodeRun(own, decodeDetails(joinChunks(chunks))) : undefined
}
