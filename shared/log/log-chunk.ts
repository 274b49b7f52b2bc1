import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'
import type { LogEntry } from './log.ts'

/**
 * Log lines are stored many to a chunk, compressed: a line alone would cost a whole write unit. A chunk holds lines of
 * one run from one short span of time, so that chunks of later spans hold later lines only, and reading can stop early.
 * Its id follows from its content: a client that sends a batch again after a timeout writes the same chunk again.
 */
export interface LogChunk {
  runId: string
  life: string
  /** The start of the span that its lines are from. */
  span: Instant
  id: string
  /** The compressed lines, cut so that each part fits an item. */
  parts: Uint8Array[]
}

export type NewLogLine = Omit<LogEntry, 'id' | 'runId'> & { runId: string; life: string }

/** Clients send every 2 seconds, so a batch makes one or two chunks. */
const SPAN_MICROS = 10_000_000
/** Below DynamoDB's 400 KB with room for the keys. */
export const PART_BYTES_MAX = 350_000

/** [microseconds since the span's start, level, logger, message, task run] */
type StoredLine = [number, number, string, string] | [number, number, string, string, string]

/** The start of the span that an instant is in. */
export function spanOf(timestamp: Instant): Instant {
  return Math.floor(timestamp / SPAN_MICROS) * SPAN_MICROS
}

/** Packs lines into chunks, by run and span; lines keep their order. */
export function packLogs(lines: readonly NewLogLine[]): LogChunk[] {
  const groups = Map.groupBy(lines, (line) => `${line.runId}#${spanOf(line.timestamp)}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [packChunk(first, group)] : []
  })
}

function packChunk({ runId, life, timestamp: first }: NewLogLine, lines: readonly NewLogLine[]): LogChunk {
  const span = spanOf(first)
  const stored = lines.map(({ timestamp, level, name, message, taskRunId }): StoredLine => {
    const line: [number, number, string, string] = [timestamp - span, level, name, message]
    return taskRunId ? [...line, taskRunId] : line
  })
  const text = JSON.stringify(stored)
  const bytes = deflateRawSync(text)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += PART_BYTES_MAX) parts.push(bytes.subarray(at, at + PART_BYTES_MAX))
  return { runId, life, span, id: createHash('sha256').update(text).digest('base64url').slice(0, 22), parts }
}

/** Unpacks a chunk whose parts are all there, in the order of time. */
export function unpackChunk({ runId, span, id, parts }: Omit<LogChunk, 'life'>): LogEntry[] {
  const lines = JSON.parse(inflateRawSync(Buffer.concat(parts)).toString()) as StoredLine[]
  const entries = lines.map(([since, level, name, message, taskRunId], index): LogEntry => {
    const lineId = idFromName('log', runId, id, String(index))
    return { id: lineId, runId, taskRunId: taskRunId ?? null, name, level, message, timestamp: span + since }
  })
  return entries.toSorted(byTime)
}

/** Ids tell lines of one instant apart in the same way each time, so that pages don't overlap. */
export function byTime(a: LogEntry, b: LogEntry): number {
  return a.timestamp - b.timestamp
}
