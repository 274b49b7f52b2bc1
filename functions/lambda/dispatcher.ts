import { DispatcherEnv, readEnv } from '../../shared/config.ts'
import { createDispatcher } from '../dispatcher.ts'
import { ecsDeps } from '../ecs-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'

/** Takes wake-ups from SQS, and ticks from EventBridge. */
export const handler = lazy(() => {
  const env = readEnv(DispatcherEnv, process.env)
  const observer = observe('dispatcher', env.STACK_NAME)
  return observed(observer, createDispatcher(ecsDeps(env, observer)))
})
