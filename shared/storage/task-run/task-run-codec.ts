import { HISTORY_MAX, INLINE_DETAILS_BYTES_MAX } from '#shared/bounds.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { taskRunDetailsKey, taskRunKey, taskRunsListKey } from '#shared/storage/dynamo/table.ts'
import {
  decodePast,
  decodeState,
  encodePast,
  encodeState,
  type StoredPast,
  type StoredState,
} from '#shared/storage/flow-run/state-codec.ts'
import { NO_TASK_POLICY, type TaskRun, type TaskRunDetails } from '#shared/task-run/task-run.ts'

/** The task run's own item, which each of its transitions writes. Absent members stand for null, zero or the default. */
interface StoredTaskRun {
  pk: string
  sk: string
  flowRunId?: string | undefined
  flowRunLife?: string | undefined
  key: string
  dynamicKey: string
  name: string
  tags?: string[] | undefined
  /** As JSON text, since clients may set numbers that DynamoDB can't hold. */
  policy?: string | undefined
  state: StoredState
  seq: number
  history: StoredPast[]
  childIds?: string[] | undefined
  leased?: boolean | undefined
  runCount?: number | undefined
  flowRunRunCount?: number | undefined
  startAt: number
  due?: number | undefined
  started?: number | undefined
  ended?: number | undefined
  ranSeconds?: number | undefined
  created: number
  updated: number
  revision: number
  listKey?: string | undefined
  /** The details as JSON when they are small; otherwise how many chunk items hold them. */
  details?: string | undefined
  detailChunks?: number | undefined
}

/** Bytes of JSON in one chunk item; below DynamoDB's 400 KB with room for the keys. */
const CHUNK_BYTES = 350_000

/** The large details of a task run as chunk items. They never change, so no transition has to write them again. */
export function taskRunChunks({ id, details }: TaskRun): { pk: string; sk: string; json: Uint8Array }[] {
  const bytes = Buffer.from(JSON.stringify(details))
  if (bytes.length <= INLINE_DETAILS_BYTES_MAX) return []
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, chunk) => ({
    ...taskRunDetailsKey(id, chunk),
    json: bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES),
  }))
}

/** The task run's own item, with its details where they are small. */
export function encodeTaskRun(task: TaskRun): StoredTaskRun {
  const { flowRunId, flowRunLife, tags, childIds, policy, details } = task
  const detailChunks = taskRunChunks(task).length
  return {
    ...taskRunKey(task.id),
    flowRunId: flowRunId ?? undefined,
    flowRunLife: flowRunLife ?? undefined,
    key: task.taskKey,
    dynamicKey: task.dynamicKey,
    name: task.name,
    tags: tags.length > 0 ? tags : undefined,
    policy: JSON.stringify(policy) === JSON.stringify(NO_TASK_POLICY) ? undefined : JSON.stringify(policy),
    state: encodeState(task.state),
    seq: task.stateSequence,
    history: task.history.slice(-HISTORY_MAX).map(encodePast),
    childIds: childIds.length > 0 ? childIds : undefined,
    leased: task.leased || undefined,
    runCount: task.runCount || undefined,
    flowRunRunCount: task.flowRunRunCount || undefined,
    startAt: task.expectedStartTime,
    due: task.nextScheduledStartTime ?? undefined,
    started: task.startTime ?? undefined,
    ended: task.endTime ?? undefined,
    ranSeconds: task.totalRunTimeSeconds || undefined,
    created: task.created,
    updated: task.updated,
    revision: task.revision,
    listKey: flowRunId && flowRunLife ? taskRunsListKey({ id: flowRunId, life: flowRunLife }) : undefined,
    details: detailChunks > 0 ? undefined : JSON.stringify(details),
    detailChunks: detailChunks || undefined,
  }
}

/** A task run from its own item and its chunks; undefined when the chunks are not all there. */
export function decodeTaskRun(
  item: Record<string, unknown>,
  chunks: readonly Record<string, unknown>[],
): TaskRun | undefined {
  const stored = item as unknown as StoredTaskRun
  if (chunks.length < (stored.detailChunks ?? 0)) return undefined
  const inOrder = chunks.toSorted((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1)).slice(0, stored.detailChunks)
  const json = stored.details ?? Buffer.concat(inOrder.map((chunk) => chunk.json as Uint8Array)).toString()
  return {
    id: stored.pk.slice(taskRunKey('').pk.length),
    flowRunId: stored.flowRunId ?? null,
    flowRunLife: stored.flowRunLife ?? null,
    taskKey: stored.key,
    dynamicKey: stored.dynamicKey,
    name: stored.name,
    tags: stored.tags ?? [],
    policy: stored.policy === undefined ? NO_TASK_POLICY : (JSON.parse(stored.policy) as TaskRun['policy']),
    state: decodeState(stored.state),
    stateSequence: stored.seq,
    history: stored.history.map(decodePast),
    childIds: stored.childIds ?? [],
    leased: stored.leased ?? false,
    runCount: stored.runCount ?? 0,
    flowRunRunCount: stored.flowRunRunCount ?? 0,
    expectedStartTime: stored.startAt,
    nextScheduledStartTime: stored.due ?? null,
    startTime: stored.started ?? null,
    endTime: stored.ended ?? null,
    totalRunTimeSeconds: stored.ranSeconds ?? 0,
    created: stored.created,
    updated: stored.updated,
    revision: stored.revision,
    details: parseJson(json) as TaskRunDetails,
  }
}

/** How many chunk items a task run has beside its own. */
export function detailChunksOf(item: Record<string, unknown>): number {
  return (item as unknown as StoredTaskRun).detailChunks ?? 0
}
