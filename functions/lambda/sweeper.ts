import { readEnv, SweeperEnv } from '../../shared/config.ts'
import { ecsDeps } from '../ecs-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'
import { createSweeper } from '../sweeper.ts'

/** Takes ticks from EventBridge. */
export const handler = lazy(() => {
  const observer = observe('sweeper')
  return observed(observer, createSweeper(ecsDeps(readEnv(SweeperEnv, process.env), observer)))
})
