import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { encodeTaskRun, taskRunChunks } from './task-run-codec.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }

/** Writes a new task run whole, or not at all. Returns false when its id is taken: then it was created before. */
export async function createTaskRun(table: Table, task: TaskRun): Promise<boolean> {
  const item = encodeTaskRun(task)
  const chunks = taskRunChunks(task)
  try {
    if (chunks.length === 0) {
      await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(ABSENT) }))
    } else await transact(table, [putAction(table, item, ABSENT), ...chunks.map((chunk) => putAction(table, chunk))])
    return true
  } catch (error) {
    if (isConditionFailure(error) || (error instanceof TransactionRefused && error.failedAt(0))) return false
    throw error
  }
}
