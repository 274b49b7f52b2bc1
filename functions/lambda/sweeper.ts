import { readEnv, SweeperEnv } from '../../shared/config.ts'
import { ecsDeps } from '../ecs-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'
import { createSweeper } from '../sweeper.ts'

/** Takes ticks from EventBridge. */
export const handler = lazy(() => {
  const env = readEnv(SweeperEnv, process.env)
  const observer = observe('sweeper', env.STACK_NAME)
  return observed(observer, createSweeper(ecsDeps(env, observer)))
})
