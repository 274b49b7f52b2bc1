import { INLINE_DETAILS_BYTES_MAX } from '#shared/bounds.ts'
import type { FlowRunDetails } from '#shared/flow-run/flow-run.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { runDetailsKey } from '#shared/storage/dynamo/table.ts'

/** Bytes of JSON in one chunk item; far enough below DynamoDB's 400 KB for the keys beside it. */
const CHUNK_BYTES = 350_000
/** Two digits number the chunks, and one transaction writes them all: 10 chunks stay under its 4 MB. */
const CHUNKS_MAX = 10

/** Unset members, in the short form that is stored. */
const UNSET: FlowRunDetails = {
  name: '',
  tags: [],
  labels: {},
  parameters: {},
  context: {},
  jobVariables: {},
  idempotencyKey: null,
  parentTaskRunId: null,
  parentFlowRunId: null,
  autoScheduled: false,
  createdBy: null,
  flowVersion: null,
  deploymentVersion: null,
  infrastructureDocumentId: null,
}

const MEMBERS = Object.keys(UNSET) as (keyof FlowRunDetails)[]

/** The details as JSON text without the members that are unset; the same details always give the same text. */
export function encodeDetails(details: FlowRunDetails): string {
  const set = MEMBERS.filter((name) => JSON.stringify(details[name]) !== JSON.stringify(UNSET[name]))
  return JSON.stringify(Object.fromEntries(set.map((name) => [name, details[name]])))
}

/** The details with all that was left out of their text. */
export function decodeDetails(text: string): FlowRunDetails {
  return { ...UNSET, ...(parseJson(text) as Partial<FlowRunDetails>) }
}

/** Splits encoded details into chunk items; none when they are small enough for the run's own item. */
export function chunkItems(runId: string, text: string): { pk: string; sk: string; json: Uint8Array }[] {
  const bytes = Buffer.from(text)
  if (bytes.length <= INLINE_DETAILS_BYTES_MAX) return []
  const count = Math.ceil(bytes.length / CHUNK_BYTES)
  if (count > CHUNKS_MAX) throw new RangeError(`details of ${bytes.length} bytes exceed ${CHUNKS_MAX} chunks`)
  return Array.from({ length: count }, (_, chunk) => ({
    ...runDetailsKey(runId, chunk),
    json: bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES),
  }))
}

/** Puts chunk items, in the order of their keys, back together. */
export function joinChunks(chunks: readonly Record<string, unknown>[]): string {
  return Buffer.concat(chunks.map((chunk) => chunk.json as Uint8Array)).toString()
}
