import type { Instant } from '#shared/instant.ts'
import { poolLinesKey } from '#shared/storage/dynamo/table.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { isPushPool, type WorkPool } from '#shared/work-pool/work-pool.ts'

interface StoredLines {
  pk: string
  sk: string
  name: string
  push: boolean
  life: string
  silentWorkerMinutes?: number | undefined
  deletedAt?: Instant | undefined
}

/** The item of a new pool's lines. */
export function encodePoolLines({ id, name, type, life, silentWorkerMinutes }: WorkPool): StoredLines {
  const silence = silentWorkerMinutes ?? undefined
  return { ...poolLinesKey(id), name, push: isPushPool(type), life, silentWorkerMinutes: silence }
}

/** A pool's lines from their item. */
export function decodePoolLines(item: Record<string, unknown>): PoolLines {
  const { sk, name, push, life, silentWorkerMinutes, deletedAt } = item as unknown as StoredLines
  return { id: sk, name, push, life, silentWorkerMinutes: silentWorkerMinutes ?? null, deletedAt: deletedAt ?? null }
}
