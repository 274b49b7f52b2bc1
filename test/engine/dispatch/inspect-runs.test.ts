import { beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { inspectionPass } from '#shared/engine/dispatch/inspect-run.ts'
import { inspectRuns } from '#shared/engine/dispatch/inspect-runs.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import { type StateType } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim } from '../../support/fixtures/a-run.ts'
import { createRuns, inSeconds, NO_DEADLINE, type PushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { copyRun, putRuns } from '../../support/fixtures/many-runs.ts'
import { inspectRun } from '../../support/inspect-run.ts'
import { type PushWork, pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
let launched: PushWork['launched']
let unlaunched: PushWork['unlaunched']
pushForEachTest((work) => {
  ;({ world, push, launched, unlaunched } = work)
})

const inspect = (runIds: readonly string[], deps: Deps = world, deadline: Instant = NO_DEADLINE) =>
  inspectRuns(deps, runIds, inspectionPass(deps, push.pool.id, { deadline }))
const typeOf = async (runId: string) => (await readRun(world, runId)).state.type
/** A run that a client holds, its lease over. */
async function held(change: Partial<Claim> = {}, type: StateType = 'RUNNING'): Promise<FlowRun> {
  const [run] = await createRuns(world, push.deployment, 1)
  await setState(world, run?.id ?? '', { type: 'RUNNING' })
  const before = await readRun(world, run?.id ?? '')
  const claim = { ...aClaim({ by: { kind: 'client', name: null } }), ...before.claim, leaseUntil: 0, ...change }
  const after = { ...before, claim, state: { ...before.state, type, timestamp: inSeconds(world, -600) } }
  await putRuns(world, [after])
  return after
}

describe('how many writes are under way', () => {
  let most: number
  const watched = () => {
    let underWay = 0
    return withInterceptor(world, async ({ name }, go) => {
      if (!/Put|Transact/.test(name)) return await go()
      underWay += 1
      most = Math.max(most, underWay)
      return await go().finally(() => (underWay -= 1))
    })
  }
  beforeEach(() => {
    most = 0
  })
  const copies = async (run: FlowRun) => {
    const claim = run.claim && { ...run.claim, slots: [] }
    return (await copyRun(world, { ...run, claim }, 30)).map(({ id }) => id)
  }

  it('is twenty where leases are renewed', async () => {
    const { runId, arn } = await launched()
    world.tasks.becomes(arn, 'RUNNING')
    world.clock.pass(901)
    expect(await inspect(await copies(await readRun(world, runId)), watched())).toBe(30)
    expect(most).toBeGreaterThan(5)
    expect(most).toBeLessThanOrEqual(20)
  })

  it.each<[string, () => Promise<FlowRun>]>([
    ['a client does not heed its cancellation', () => held({}, 'CANCELLING')],
    [
      'a launch was lost',
      async () => {
        const runId = await unlaunched()
        world.clock.pass(11 * 60)
        return await readRun(world, runId)
      },
    ],
    [
      'a task has stopped',
      async () => {
        const { runId, arn } = await launched()
        world.tasks.exits(arn, 0)
        world.clock.pass(901)
        return await readRun(world, runId)
      },
    ],
  ])('is five where slots come back, as %s', async (_why, prepare) => {
    expect(await inspect(await copies(await prepare()), watched())).toBe(30)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(5)
  })
})

describe('runs that can not be read together', () => {
  const unreadable = (isBad: (runId: string) => boolean) =>
    withInterceptor(world, async ({ name, input }, go) => {
      const { ExpressionAttributeValues: values } = input as { ExpressionAttributeValues?: { ':pk'?: { S?: string } } }
      const runId = values?.[':pk']?.S?.slice('run#'.length) ?? ''
      if (name === 'dynamodb BatchGetItemCommand' || isBad(runId)) throw new Error('no answer')
      return await go()
    })

  it('are read one by one, and one that can not be read keeps no other from it', async () => {
    const ids = [await held({}, 'CANCELLING'), await held({}, 'CANCELLING'), await held({}, 'CANCELLING')].map(
      ({ id }) => id,
    )
    const deps = unreadable((runId) => runId === ids[1])
    expect(await inspect([...ids, 'gone'], deps)).toBe(2)
    expect(await Promise.all(ids.map(typeOf))).toEqual(['CANCELLED', 'CANCELLING', 'CANCELLED'])
    expect(world.counted.get('InspectionsFailed')).toBe(1)
    const logged = world.logged.map(({ message }) => message)
    expect(logged).toEqual(expect.arrayContaining(['runs not read together', 'run not inspected']))
  })
})

describe('an inspection', () => {
  it('asks ECS nothing about what a client holds', async () => {
    const asked: string[] = []
    const watched = withInterceptor(world, async ({ name }, go) => {
      if (name.startsWith('tasks ')) asked.push(name)
      return await go()
    })
    const { id } = await held({}, 'CANCELLING')
    expect(await inspect([id], watched)).toBe(1)
    expect(asked).toEqual([])
  })

  it('is none once time is up', async () => {
    const { id } = await held({}, 'CANCELLING')
    expect(await inspect([id], world, world.clock.now())).toBe(0)
    expect(await typeOf(id)).toBe('CANCELLING')
  })

  it('that fails is told by its name and run, and counted', async () => {
    const { id } = await held({}, 'CANCELLING')
    const failing = withInterceptor(world, async ({ name }, go) => {
      if (/Put|Transact/.test(name)) throw new Error('no write')
      return await go()
    })
    expect(await inspect([id], failing)).toBe(0)
    expect(world.logged).toContainEqual(expect.objectContaining({ message: 'repair failed' }))
    expect(world.logged.at(-1)?.fields).toMatchObject({ act: 'inspect', id })
  })

  it('of a run that is gone, or is held no more, changes nothing', async () => {
    expect(await inspectRun(world, world.ids.uuid())).toBe('gone')
    const { id } = await held()
    await setState(world, id, { type: 'COMPLETED' })
    expect(await inspectRun(world, id)).toBe('gone')
  })

  it('of an agent that has called since leaves its lease as it is', async () => {
    const run = await held({ by: { kind: 'agent', name: 'a' }, leaseUntil: inSeconds(world, 60) })
    expect(await inspectRun(world, run.id)).toBe('renewed')
    expect(await readRun(world, run.id)).toEqual(await readRun(world, run.id))
    expect((await readRun(world, run.id)).revision).toBe(run.revision)
  })

  it('gives what a client holds a lease without an end where nothing counts its silence', async () => {
    const { id } = await held()
    expect(await inspectRun(world, id)).toBe('renewed')
    expect((await readRun(world, id)).claim?.leaseUntil).toBeGreaterThan(inSeconds(world, 1e9))
  })

  it('that ends a hold is a warning, with the reason', async () => {
    const { id } = await held({ by: { kind: 'agent', name: 'a' } })
    expect(await inspectRun(world, id)).toBe('settled')
    const UNLISTED = 'No session of the agent that held this run has it on record.'
    const fields = { runId: id, to: 'Crashed', reason: UNLISTED }
    expect(world.logged).toContainEqual({ level: 'warn', message: 'held run settled by inspection', fields })
    expect(world.tasks.stopped).toEqual([])
  })
})
