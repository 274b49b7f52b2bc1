import { readEnv, TaskEventsEnv } from '../../shared/config.ts'
import { awsDeps } from '../aws-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'
import { createTaskEvents } from '../task-events.ts'

/** Takes ECS's events from SQS. */
export const handler = lazy(() => {
  const observer = observe('task-events')
  return observed(observer, createTaskEvents(awsDeps(readEnv(TaskEventsEnv, process.env), observer)))
})
