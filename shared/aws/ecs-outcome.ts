import { ConflictException, ECSServiceException, type RunTaskCommandOutput } from '@aws-sdk/client-ecs'
import type { RunTaskOutcome } from '#shared/deps.ts'
import { NotAllowed } from './not-allowed.ts'

const THROTTLED = /throttl|TooManyRequests|RequestLimitExceeded/i
/**
 * ECS hides the throttling of what it calls, such as EC2, behind other exceptions, and has one of its own for families.
 * Names that people chose may stand anywhere but at the beginning and the end.
 */
const THROTTLED_MESSAGE =
  /^(rate exceeded|request limit exceeded|too many concurrent attempts)|\(ErrorCode: (Throttling|RequestLimitExceeded)\)$/i

/** The outcome in RunTask's response. Raises an error when there is none: then a task may or may not have started. */
export function outcomeOf({ tasks = [], failures = [] }: RunTaskCommandOutput): RunTaskOutcome {
  const taskArn = tasks[0]?.taskArn
  if (taskArn) return { kind: 'started', taskArn }
  if (failures.length === 0) throw new Error('ECS returned neither a task nor a failure')
  const reasons = failures.map(({ reason = 'UNKNOWN', detail, arn }) => {
    // A missing resource is known only by its name; other failures need no instance ARN.
    return { reason, detail: detail ?? (reason === 'MISSING' ? arn : null) ?? null }
  })
  return { kind: 'refused', reasons }
}

/**
 * The outcome of a failed launch: only a client error from ECS proves that nothing was started. A conflict names the
 * task that was started earlier with the same token. Everything else is rethrown.
 */
export function outcomeOfError(error: unknown): RunTaskOutcome {
  if (error instanceof NotAllowed) return { kind: 'refused', reasons: [error.refusal] }
  if (!(error instanceof ECSServiceException)) throw error
  const { name, message, $metadata } = error
  const status = $metadata.httpStatusCode ?? 0
  if (THROTTLED.test(name) || THROTTLED_MESSAGE.test(message) || status === 429) return { kind: 'throttled' }
  if (error instanceof ConflictException) {
    const taskArn = error.resourceIds?.[0]
    if (taskArn) return { kind: 'started', taskArn }
    throw error
  }
  if (status < 400 || status >= 500 || name.startsWith('RequestTimeout')) throw error
  return { kind: 'refused', reasons: [{ reason: name, detail: message || null }] }
}

/** True when a launch failed because its task definition has been deregistered. */
export function isDefinitionGone(error: unknown): boolean {
  if (!(error instanceof ECSServiceException)) return false
  return error.name === 'ClientException' && /task ?definition.*(inactive|not found)/i.test(error.message)
}

/** True when ECS does not know the task of a call. */
export function isTaskUnknown(error: unknown): boolean {
  if (!(error instanceof ECSServiceException)) return false
  const named = error.name === 'InvalidParameterException' || error.name === 'ClientException'
  return named && /task was not found|task not found/i.test(error.message)
}
