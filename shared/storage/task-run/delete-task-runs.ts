import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { type Table, taskRunKey } from '#shared/storage/dynamo/table.ts'
import { deleteAction, isConditionFailure, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { taskRunChunks } from './task-run-codec.ts'

/** Deletes under way at a time. */
const WIDTH = 20

/** Removes task runs with their details, each if it is still the one that was read: clients may use an id again. */
export async function deleteTaskRuns(table: Table, tasks: readonly TaskRun[]): Promise<void> {
  for (let at = 0; at < tasks.length; at += WIDTH) {
    await Promise.all(tasks.slice(at, at + WIDTH).map((task) => deleteOne(table, task)))
  }
}

async function deleteOne(table: Table, task: TaskRun): Promise<void> {
  const key = taskRunKey(task.id)
  const chunks = taskRunChunks(task)
  const same = { condition: '#created = :created', values: { created: task.created } }
  try {
    if (chunks.length === 0) await table.client.send(new DeleteItemCommand({ ...keyOf(table, key), ...express(same) }))
    else
      await transact(table, [
        deleteAction(table, key, same),
        ...chunks.map(({ pk, sk }) => deleteAction(table, { pk, sk })),
      ])
  } catch (error) {
    const another = isConditionFailure(error) || (error instanceof TransactionRefused && error.failedAt(0))
    if (!another) throw error
  }
}
