import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { type Table, taskRunDetailsKey, taskRunKey } from '#shared/storage/dynamo/table.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { decodeTaskRun, detailChunksOf } from './task-run-codec.ts'

/** Reads a task run with its details, consistently; undefined when there is none. */
export async function getTaskRun(table: Table, taskRunId: string): Promise<TaskRun | undefined> {
  const { pk, sk } = taskRunKey(taskRunId)
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk } })
  const own = items.find((item) => item.sk === sk)
  const chunks = items.filter((item) => item.sk !== sk)
  return own && decodeTaskRun(own, chunks)
}

/** Reads several task runs with their details; missing ones are left out. */
export async function getTaskRuns(table: Table, taskRunIds: readonly string[]): Promise<TaskRun[]> {
  const owns = await batchGet(table, [...new Set(taskRunIds)].map(taskRunKey))
  const chunkKeys = owns.flatMap((own) => {
    const id = String(own.pk).slice(taskRunKey('').pk.length)
    return Array.from({ length: detailChunksOf(own) }, (_, chunk) => taskRunDetailsKey(id, chunk))
  })
  const chunks = Map.groupBy(await batchGet(table, chunkKeys), (chunk) => chunk.pk)
  return owns.flatMap((own) => decodeTaskRun(own, chunks.get(own.pk) ?? []) ?? [])
}
