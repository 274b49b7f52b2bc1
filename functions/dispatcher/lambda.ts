import { DispatcherEnv, parseEnv } from '#shared/config.ts'
import { afterFormat } from '../runtime/after-format.ts'
import { ecsDeps } from '../runtime/ecs-deps.ts'
import { lazy } from '../runtime/lazy.ts'
import { observe, observed } from '../runtime/observe.ts'
import { createDispatcher } from './handler.ts'

/** Takes wake-ups from SQS, and ticks from EventBridge. */
export const handler = lazy(() => {
  const env = parseEnv(DispatcherEnv, process.env)
  const observer = observe('dispatcher', env.STACK_NAME)
  const deps = ecsDeps(env, observer)
  return observed(observer, afterFormat(deps, createDispatcher(deps)))
})
