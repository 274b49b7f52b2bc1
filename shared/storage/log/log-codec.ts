import { type Instant, sortable } from '#shared/instant.ts'
import type { LogChunk } from '#shared/log/log-chunk.ts'
import { logsPartition } from '#shared/storage/dynamo/table.ts'

type StoredPart = {
  pk: string
  sk: string
  /** How many parts the chunk has. */
  of: number
  bytes: Uint8Array
}

const PART_DIGITS = 3

/** The lowest sort key of chunks of a span. */
export function spanSort(span: Instant): string {
  return sortable(span)
}

/** The items of a chunk, one a part; the first seldom has a second. */
export function encodeChunk({ runId, life, span, id, parts }: LogChunk): StoredPart[] {
  const pk = logsPartition({ id: runId, life })
  return parts.map((bytes, part) => ({
    pk,
    sk: `${spanSort(span)}#${id}#${String(part).padStart(PART_DIGITS, '0')}`,
    of: parts.length,
    bytes,
  }))
}

/** Puts chunks together from items, in whatever order; one of which a part is missing was never written whole. */
export function decodeChunks(items: readonly Record<string, unknown>[]): LogChunk[] {
  const parts = items as unknown as StoredPart[]
  const chunks = Map.groupBy(parts, (part) => part.sk.slice(0, -PART_DIGITS - 1))
  return [...chunks.values()].flatMap((members) => {
    const [first] = members
    if (!first || members.length < first.of) return []
    const [span = '', id = ''] = first.sk.split('#')
    const [, runId = '', life = ''] = first.pk.split('#')
    const sorted = members.toSorted((a, b) => (a.sk < b.sk ? -1 : 1))
    return [{ runId, life, span: Number(span), id, parts: sorted.map((part) => part.bytes) }]
  })
}
