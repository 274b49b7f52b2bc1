import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { runDetailsKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { assembleRun } from './get-run.ts'
import { decodeRun, detailsPlaceOf } from './run-codec.ts'
import { decodeDetails } from './run-details.ts'

/** A run, and how many bytes of JSON its details are; 0 when they are a few. */
export interface SizedRun {
  run: FlowRun
  detailBytes: number
}

/** Chunks of details read at once, the first time; a chunk is 350 KB at most, and mostly far less. */
const FIRST_CHUNKS = 100
const CHUNKS_MAX = 400
/** What is read at once later on, going by the chunks seen so far. */
const BYTES_AT_ONCE = 16_000_000

/**
 * Reads runs with their details, in the requested order; missing ones are left out. For any number of runs of any size:
 * they come in groups that fit into memory, and a caller stops iterating when it has enough, so that no more details
 * are read.
 */
export async function* getSizedRuns(table: Table, runIds: readonly string[]): AsyncGenerator<SizedRun[]> {
  const ids = [...new Set(runIds)]
  const owns = new Map((await batchGet(table, ids.map(runKey))).map((own) => [runIdOf(own), own]))
  const ordered = ids.map((id) => owns.get(id)).filter((own) => own !== undefined)
  let chunksAtOnce = FIRST_CHUNKS
  for (let at = 0; at < ordered.length; ) {
    const group = fittingGroup(ordered, at, chunksAtOnce)
    at += group.length
    const { runs, chunks, bytes } = await readGroup(table, group)
    if (bytes > 0) chunksAtOnce = Math.min(CHUNKS_MAX, Math.ceil((BYTES_AT_ONCE * chunks) / bytes))
    yield runs
  }
}

/** Reads runs without their details, which may be large. Missing runs are left out. */
export async function getRunCores(table: Table, runIds: readonly string[]): Promise<Omit<FlowRun, 'details'>[]> {
  const owns = await batchGet(table, [...new Set(runIds)].map(runKey))
  return owns.map((own) => decodeRun(own, decodeDetails('{}')))
}

type Item = Record<string, unknown>

function fittingGroup(ordered: readonly Item[], from: number, chunksMax: number): Item[] {
  let chunks = 0
  const past = ordered.findIndex((own, at) => {
    if (at < from) return false
    chunks += detailsPlaceOf(own).chunks
    return chunks > chunksMax && at > from
  })
  return ordered.slice(from, past < 0 ? ordered.length : past)
}

async function readGroup(table: Table, group: readonly Item[]) {
  const keys = group.flatMap((own) =>
    Array.from({ length: detailsPlaceOf(own).chunks }, (_, chunk) => runDetailsKey(runIdOf(own), chunk)),
  )
  const chunks = await batchGet(table, keys)
  const chunksOf = Map.groupBy(chunks, (chunk) => chunk.pk)
  const bytesOf = (items: readonly Item[]) => items.reduce((sum, { json }) => sum + (json as Uint8Array).length, 0)
  const runs = group.flatMap((own) => {
    const parts = chunksOf.get(own.pk) ?? []
    const run = assembleRun(own, parts)
    return run ? [{ run, detailBytes: bytesOf(parts) }] : []
  })
  return { runs, chunks: chunks.length, bytes: bytesOf(chunks) }
}

function runIdOf(own: Item): string {
  return String(own.pk).slice('run#'.length)
}
