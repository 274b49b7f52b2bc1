import { parseEnv, TaskEventsEnv } from '#shared/config.ts'
import { afterFormat } from '../runtime/after-format.ts'
import { awsDeps } from '../runtime/aws-deps.ts'
import { lazy } from '../runtime/lazy.ts'
import { observe, observed } from '../runtime/observe.ts'
import { createTaskEvents } from './handler.ts'

/** Takes ECS's events from SQS. */
export const handler = lazy(() => {
  const env = parseEnv(TaskEventsEnv, process.env)
  const observer = observe('task-events', env.STACK_NAME)
  const deps = awsDeps(env, observer)
  return observed(observer, afterFormat(deps, createTaskEvents(deps)))
})
