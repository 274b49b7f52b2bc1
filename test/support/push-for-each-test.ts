import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { withInterceptor } from './faults/faulty-calls.ts'
import { commandDeployment, createRuns, NO_DEADLINE, type PushPool, pushPool, readRun } from './fixtures/fixtures.ts'
import { openWorld, type World } from './world.ts'

/** A push pool in a world of which only ECS is simulated, without a will of its own. */
export interface PushWork {
  world: World
  push: PushPool
  /** A deployment of a flow, beside the one of a command. */
  flow: Deployment
  dispatch: (deps?: Deps) => ReturnType<typeof dispatchPool>
  /** A run that was launched; nothing is known of its task since. */
  launched: (deployment?: Deployment) => Promise<{ runId: string; arn: string }>
  /** A run that was claimed by a dispatcher which died before it launched it; the first of so many. */
  unlaunched: (count?: number) => Promise<string>
}

/** Gives each test of a file a push pool of its own, in one world. */
export function pushForEachTest(use: (work: PushWork) => void, jobVariables?: Record<string, unknown>): void {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  beforeEach(async () => {
    const push = await pushPool(world, { name: world.ids.uuid(), ...(jobVariables ? { jobVariables } : {}) })
    const flow = await commandDeployment(world, { ...push, name: 'flow', entrypoint: 'flow.py:main', jobVariables: {} })
    for (const list of [world.tasks.started, world.tasks.stopped, world.sent, world.logged]) list.splice(0)
    world.counted.clear()
    world.tasks.nextOutcome = () => undefined
    use(workIn(world, push, flow))
  })
  afterAll(() => world.close())
}

function workIn(world: World, push: PushPool, flow: Deployment): PushWork {
  const dispatch = (deps: Deps = world) => dispatchPool(deps, push.pool.id, NO_DEADLINE)
  return {
    world,
    push,
    flow,
    dispatch,
    launched: async (deployment = push.deployment) => {
      const [run] = await createRuns(world, deployment, 1)
      await dispatch()
      const { id, launch } = await readRun(world, run?.id ?? '')
      return { runId: id, arn: launch?.taskArn ?? '' }
    },
    unlaunched: async (count = 1) => {
      const [run] = await createRuns(world, push.deployment, count)
      await dispatch(slowAfterClaim(world))
      return run?.id ?? ''
    },
  }
}

/** A dispatcher that stands still once it has claimed, until it may launch no more. */
export function slowAfterClaim(world: World): Deps {
  return withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'dynamodb TransactWriteItemsCommand') world.clock.pass(31)
    return answer
  })
}
