import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { Deps } from '#shared/deps.ts'
import { parseEcsTaskEvent } from '#shared/ecs-task/ecs-task-event.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { errorFields } from '#shared/errors.ts'

/**
 * Applies ECS "Task State Change" events, which EventBridge puts into SQS. Anything else is logged, counted and
 * dropped, since a retry would be the same; an event that could not be applied is redelivered alone.
 */
export function createTaskEvents(deps: Deps) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const failures: SQSBatchResponse['batchItemFailures'] = []
    for (const record of event.Records) {
      if (!(await apply(deps, record))) failures.push({ itemIdentifier: record.messageId })
    }
    return { batchItemFailures: failures }
  }
}

async function apply(deps: Deps, record: SQSRecord): Promise<boolean> {
  const read = parseEcsTaskEvent(record.body)
  if ('problem' in read) {
    deps.log.warn('unreadable task event dropped', { messageId: record.messageId, problem: read.problem })
    deps.metrics.count('MessagesDropped', 1)
    return true
  }
  try {
    const applied = await applyEcsTask(deps, read.task)
    deps.metrics.count(`TaskEvents_${applied}`, 1)
    return true
  } catch (error) {
    deps.log.error('task event not applied', { taskArn: read.task.taskArn, ...errorFields(error) })
    deps.metrics.count('TaskEventsFailed', 1)
    return false
  }
}
