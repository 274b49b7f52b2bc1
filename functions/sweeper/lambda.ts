import { parseEnv, SweeperEnv } from '#shared/config.ts'
import { afterFormat } from '../runtime/after-format.ts'
import { ecsDeps } from '../runtime/ecs-deps.ts'
import { lazy } from '../runtime/lazy.ts'
import { observe, observed } from '../runtime/observe.ts'
import { createSweeper } from './handler.ts'

/** Takes ticks from EventBridge. */
export const handler = lazy(() => {
  const env = parseEnv(SweeperEnv, process.env)
  const observer = observe('sweeper', env.STACK_NAME)
  const deps = ecsDeps(env, observer)
  return observed(observer, afterFormat(deps, createSweeper(deps)))
})
