import { TransactionCanceledException, type TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVIDENCE_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { acquireSlots, acquireTags, requireSlots } from '#shared/engine/limit/acquire-slots.ts'
import { createGlobalLimit } from '#shared/engine/limit/create-global-limit.ts'
import { expireLeases } from '#shared/engine/limit/expire-leases.ts'
import { releaseLease, releaseLooseSlots } from '#shared/engine/limit/release-lease.ts'
import { requireGlobalLimit } from '#shared/engine/limit/require-global-limit.ts'
import { holdersOf, resetHolders } from '#shared/engine/limit/reset-holders.ts'
import { updateGlobalLimit } from '#shared/engine/limit/update-global-limit.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { deleteTaskRun } from '#shared/engine/task-run/delete-task-runs.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'
import { activeAt } from '#shared/limit/global-limit.ts'
import { leaseOfTaskRun } from '#shared/limit/lease.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { runKey } from '#shared/storage/dynamo/table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { renewLease } from '#shared/storage/limit/move-slots.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, T0 } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const lease = { seconds: 300, holder: null }
const heldOf = async (name: string) => activeAt(await requireGlobalLimit(world, name), world.clock.now())

describe('slots under contention', () => {
  it('never exceed the limit, and none is lost', async () => {
    await createGlobalLimit(world, 'crowd', { limit: 5 })
    await createGlobalLimit(world, 'crowd too', { limit: 7 })
    const take = () => acquireSlots(world, { names: ['crowd'], slots: 1, lease })
    const first = await Promise.all(Array.from({ length: 12 }, take))
    const acquired = first.filter((outcome) => outcome.kind === 'acquired')
    expect(acquired).toHaveLength(5)
    await Promise.all(acquired.map(({ leaseId }) => releaseLease(world, leaseId)))
    const held: string[] = []
    let most = 0
    const worker = async (n: number) => {
      const names = n % 2 === 0 ? ['crowd'] : ['crowd', 'crowd too']
      for (let tries = 0; tries < 12; tries += 1) {
        const outcome = await acquireSlots(world, { names, slots: 1, lease })
        if (outcome.kind === 'full') continue
        held.push(outcome.leaseId)
        most = Math.max(most, held.length)
        await heldOf('crowd')
        held.splice(held.indexOf(outcome.leaseId), 1)
        await releaseLease(world, outcome.leaseId)
      }
    }
    await Promise.all(Array.from({ length: 12 }, (_, n) => worker(n)))
    expect(most).toBeLessThanOrEqual(5)
    expect([await heldOf('crowd'), await heldOf('crowd too')]).toEqual([0, 0])
  })

  it('of a rate limit never exceed its size plus what has decayed', async () => {
    await createGlobalLimit(world, 'rate', { limit: 3, decayPerSecond: 1 })
    let drawn = 0
    const draw = async () => {
      const outcome = await acquireSlots(world, { names: ['rate'], slots: 1, rateLimit: true })
      if (outcome.kind === 'acquired') drawn += 1
    }
    for (let second = 0; second < 5; second += 1) {
      await Promise.all(Array.from({ length: 8 }, draw))
      expect(drawn).toBe(3 + second)
      world.clock.pass(1)
    }
  })
})

describe('a lease', () => {
  it('renewed while the sweep inspects it keeps its slots', async () => {
    await createGlobalLimit(world, 'renewed', { limit: 1 })
    const { leaseId } = (await acquireSlots(world, { names: ['renewed'], slots: 1, lease })) as { leaseId: string }
    world.clock.pass(301)
    let renewed = false
    const late = withInterceptor(world, async ({ name }, go) => {
      const result = await go()
      // The sweep has read which leases expired, and has released none yet.
      if (!renewed && name === 'dynamodb BatchGetItemCommand') {
        renewed = await renewLease(world.table, leaseId, addSeconds(world.clock.now(), 300))
      }
      return result
    })
    await expireLeases(late)
    expect(renewed).toBe(true)
    expect(await heldOf('renewed')).toBe(1)
    await releaseLease(world, leaseId)
    expect(await heldOf('renewed')).toBe(0)
  })

  it('renewed before the sweep reads it is not among those that have run out', async () => {
    await createGlobalLimit(world, 'in time', { limit: 1 })
    const { leaseId } = (await acquireSlots(world, { names: ['in time'], slots: 1, lease })) as { leaseId: string }
    world.clock.pass(301)
    const early = withInterceptor(world, async ({ name }, go) => {
      const result = await go()
      // The index has said which leases have run out.
      if (name === 'dynamodb QueryCommand') await renewLease(world.table, leaseId, addSeconds(world.clock.now(), 300))
      return result
    })
    await expireLeases(early)
    expect(await heldOf('in time')).toBe(1)
    expect(await releaseLease(world, leaseId)).toBe(true)
    expect(await releaseLease(world, leaseId)).toBe(false)
  })

  it('is taken back once, and counted, when its holder lets it run out', async () => {
    await expireLeases(world)
    await createGlobalLimit(world, 'forgotten', { limit: 1 })
    await acquireSlots(world, { names: ['forgotten'], slots: 1, lease: { seconds: 60, holder: null } })
    world.clock.pass(59)
    expect([await expireLeases(world), await heldOf('forgotten')]).toEqual([0, 1])
    world.clock.pass(2)
    expect(await expireLeases(world, world.clock.now())).toBe(0)
    expect([await expireLeases(world), await heldOf('forgotten')]).toEqual([1, 0])
    expect(await expireLeases(world)).toBe(0)
  })

  it('whose response was lost is found by a repeated request', async () => {
    await createGlobalLimit(world, 'lost answer', { limit: 2 })
    let lost = false
    // As the SDK does after a first try whose response was lost.
    const repeating = withInterceptor(world, async ({ name }, go) => {
      if (name !== 'dynamodb TransactWriteItemsCommand' || lost) return await go()
      lost = true
      await go()
      return await go()
    })
    const outcome = await acquireSlots(repeating, { names: ['lost answer'], slots: 1, lease })
    expect([outcome.kind, await heldOf('lost answer')]).toEqual(['acquired', 1])
    await releaseLease(world, outcome.kind === 'acquired' ? outcome.leaseId : '')
    expect(await heldOf('lost answer')).toBe(0)
  })
})

describe('where others always get in between', () => {
  /** A world in which each transaction finds that something has moved, and how many there were. */
  const contended = () => {
    const tries = { count: 0 }
    const deps = withInterceptor(world, async ({ name, input }, go) => {
      if (name !== 'dynamodb TransactWriteItemsCommand') return await go()
      tries.count += 1
      const { TransactItems: items = [] } = input as TransactWriteItemsCommandInput
      const CancellationReasons = items.map(() => ({ Code: 'ConditionalCheckFailed' }))
      throw new TransactionCanceledException({ message: 'refused', $metadata: {}, CancellationReasons })
    })
    return { deps, tries }
  }
  const unavailable = { code: 'unavailable' }

  it('slots are neither taken nor given, and the caller is to retry', async () => {
    await createGlobalLimit(world, 'busy', { limit: 3 })
    const outcome = await acquireSlots(world, { names: ['busy'], slots: 1, lease })
    await acquireSlots(world, { names: ['busy'], slots: 1 })
    const leaseId = outcome.kind === 'acquired' ? outcome.leaseId : ''
    for (const act of [
      (deps: Deps) => acquireSlots(deps, { names: ['busy'], slots: 1, lease }),
      (deps: Deps) => releaseLease(deps, leaseId),
      (deps: Deps) => releaseLooseSlots(deps, ['busy'], 1),
    ]) {
      const { deps, tries } = contended()
      await expect(act(deps)).rejects.toMatchObject(unavailable)
      expect(tries.count).toBe(20)
    }
    expect(await heldOf('busy')).toBe(2)
    // A lease that is over while its slots are asked for is that of nobody.
    await releaseLease(world, leaseId)
    expect(await releaseLease(contended().deps, leaseId)).toBe(false)
  })

  it('a limit is not updated', async () => {
    await createGlobalLimit(world, 'rewritten', { limit: 3 })
    let tries = 0
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand' || name === 'dynamodb UpdateItemCommand') {
        tries += 1
        await acquireSlots(world, { names: ['rewritten'], slots: 1, rateLimit: false })
        await releaseLooseSlots(world, ['rewritten'], 1)
      }
      return await go()
    })
    await expect(updateGlobalLimit(crossed, 'rewritten', { limit: 5 })).rejects.toMatchObject(unavailable)
    expect(tries).toBe(20)
    expect(await requireGlobalLimit(world, 'rewritten')).toMatchObject({ limit: 3 })
  })
})

describe('slots without a lease', () => {
  const limitOf = (name: string) => requireGlobalLimit(world, name)

  it('are given back by number, where the limit counts any', async () => {
    await createGlobalLimit(world, 'counts', { limit: 9 })
    await createGlobalLimit(world, 'rates', { limit: 9, decayPerSecond: 0.001 })
    for (const name of ['counts', 'rates']) await acquireSlots(world, { names: [name], slots: 3 })
    const given = await releaseLooseSlots(world, ['counts', 'rates', 'unknown'], 2)
    expect(given.map(({ name }) => name).toSorted()).toEqual(['counts', 'rates'])
    expect([await heldOf('counts'), Math.round(await heldOf('rates'))]).toEqual([1, 1])
    const before = await limitOf('counts')
    await updateGlobalLimit(world, 'counts', { forgetLoose: true })
    const { moves } = await limitOf('counts')
    await releaseLooseSlots(world, ['counts'], 1)
    expect((await limitOf('counts')).moves).toBe(moves)
    expect(before.loose).toBe(1)
  })

  it('stay as they are while their limit is not in force', async () => {
    await createGlobalLimit(world, 'idle', { limit: 9 })
    await acquireSlots(world, { names: ['idle'], slots: 3 })
    await updateGlobalLimit(world, 'idle', { inForce: false })
    await releaseLooseSlots(world, ['idle'], 2)
    expect((await limitOf('idle')).loose).toBe(3)
  })

  it('are taken back by an operator from one limit alone, with those of its leases', async () => {
    await createGlobalLimit(world, 'reset', { limit: 9 })
    await createGlobalLimit(world, 'kept', { limit: 9 })
    for (const name of ['reset', 'kept']) await acquireSlots(world, { names: [name], slots: 3, lease })
    await acquireSlots(world, { names: ['reset'], slots: 1 })
    await resetHolders(world, await limitOf('reset'))
    expect([await heldOf('reset'), await heldOf('kept')]).toEqual([0, 3])
    expect(await holdersOf(world, [(await limitOf('kept')).id])).toHaveLength(1)
    await resetHolders(world, await limitOf('kept'))
  })

  it('of a full limit are refused with its name, or its tag', async () => {
    await createGlobalLimit(world, 'tag:full', { limit: 1 })
    await createGlobalLimit(world, 'full', { limit: 1 })
    const names = ['tag:full', 'full']
    const { limits } = await requireSlots(world, { names, slots: 1, lease })
    expect(limits).toHaveLength(2)
    const message = expect.stringMatching(/^Concurrency limit reached: full, full$/) as string
    await expect(requireSlots(world, { names, slots: 1 })).rejects.toMatchObject({ message })
    for (const { name } of limits) await resetHolders(world, await limitOf(name))
  })
})

describe('a limit that is updated', () => {
  it('keeps what is not named, counts what has decayed, and forgets no lease', async () => {
    await createGlobalLimit(world, 'edited', { limit: 9, decayPerSecond: 1, inForce: true })
    const outcome = await acquireSlots(world, { names: ['edited'], slots: 3, lease })
    await acquireSlots(world, { names: ['edited'], slots: 4 })
    world.clock.pass(2)
    const edited = await updateGlobalLimit(world, 'edited', { limit: 10 })
    expect(edited).toMatchObject({ limit: 10, inForce: true, decayPerSecond: 1, leased: 3 })
    expect(Math.round(activeAt(edited, world.clock.now()))).toBe(5)
    expect(edited.updated).toBeGreaterThan(edited.created)
    expect(await updateGlobalLimit(world, 'edited', { decayPerSecond: 0 })).toMatchObject({ active: 3, loose: 0 })
    expect(await updateGlobalLimit(world, 'edited', { inForce: false })).toMatchObject({ inForce: false, limit: 10 })
    await releaseLease(world, outcome.kind === 'acquired' ? outcome.leaseId : '')
  })

  it('forgets what was taken without a lease only where it is told to, or stops to decay', async () => {
    await createGlobalLimit(world, 'loose', { limit: 9 })
    await acquireSlots(world, { names: ['loose'], slots: 2 })
    expect(await updateGlobalLimit(world, 'loose', { decayPerSecond: 0 })).toMatchObject({ active: 2, loose: 2 })
    expect(await updateGlobalLimit(world, 'loose', { forgetLoose: true })).toMatchObject({ active: 0, loose: 0 })
    await expect(updateGlobalLimit(world, 'loose', { name: 'other' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(updateGlobalLimit(world, 'none', {})).rejects.toMatchObject({ code: 'not_found' })
    expect((await requireGlobalLimit(world, 'loose')).name).toBe('loose')
  })
})

describe('a task run with a limited tag', () => {
  const start = async (tags: string[]) => {
    const runId = asRunId(world.ids.uuid())
    await createRun(world.table, aRun({ id: runId, state: newState('RUNNING', T0), poolId: null, queueId: null }))
    const details = { taskVersion: null, cacheKey: null, cacheExpiration: null, labels: {}, inputs: {} }
    const add = async (dynamicKey: string) => {
      const input = { flowRunId: runId, taskKey: 'k', dynamicKey, tags, policy: { retries: 1 }, details }
      return (await createTaskRun(world, input)).task.id
    }
    return { runId, a: await add('a'), b: await add('b') }
  }
  const propose = async (id: string, type: StateType) => (await setTaskRunState(world, id, { type })).verdict
  const endFlow = async (runId: string) => {
    const run = await getRun(world.table, runId)
    if (!run) throw new Error('no run')
    await saveRun(world.table, run, advance(run, newState('CRASHED', world.clock.now())))
  }

  it('waits for a slot, and releases it whenever it stops running', async () => {
    await createGlobalLimit(world, 'tag:one', { limit: 1 })
    const { a, b } = await start(['one', 'free'])
    expect((await propose(a, 'RUNNING')).status).toBe('ACCEPT')
    expect(await propose(b, 'RUNNING')).toMatchObject({
      status: 'WAIT',
      reason: 'Concurrency limit for the one tag has been reached',
    })
    expect((await holdersOf(world)).map(({ holder }) => holder?.id)).toEqual([a])
    expect(await propose(a, 'FAILED')).toMatchObject({ status: 'REJECT', state: { name: 'AwaitingRetry' } })
    expect((await propose(b, 'RUNNING')).status).toBe('ACCEPT')
    expect((await propose(a, 'RUNNING')).status).toBe('WAIT')
    await propose(b, 'COMPLETED')
    expect(await heldOf('tag:one')).toBe(0)
  })

  it('never exceeds the limit under contention', async () => {
    await createGlobalLimit(world, 'tag:many', { limit: 3 })
    const flows = await Promise.all(Array.from({ length: 5 }, () => start(['many'])))
    const verdicts = await Promise.all(flows.flatMap(({ a, b }) => [propose(a, 'RUNNING'), propose(b, 'RUNNING')]))
    expect(verdicts.filter(({ status }) => status === 'ACCEPT')).toHaveLength(3)
    expect(await heldOf('tag:many')).toBe(3)
  })

  it('cannot start under a limit of no slots', async () => {
    await createGlobalLimit(world, 'tag:none', { limit: 0 })
    const { a } = await start(['none'])
    expect(await propose(a, 'RUNNING')).toMatchObject({ status: 'ABORT' })
  })

  it('keeps its slot while its flow run is active, and loses it once that has ended silently', async () => {
    await createGlobalLimit(world, 'tag:long', { limit: 1 })
    const { runId, a } = await start(['long'])
    await propose(a, 'RUNNING')
    world.clock.pass(EVIDENCE_SECONDS + 1)
    await expireLeases(world)
    world.clock.pass(EVIDENCE_SECONDS + 1)
    expect([await expireLeases(world), await heldOf('tag:long')]).toEqual([0, 1])
    await endFlow(runId)
    world.clock.pass(EVIDENCE_SECONDS + 1)
    expect(await expireLeases(world)).toBeGreaterThan(0)
    expect(await heldOf('tag:long')).toBe(0)
    // Later reports change no count.
    expect((await propose(a, 'COMPLETED')).status).toBe('ACCEPT')
    expect(await heldOf('tag:long')).toBe(0)
  })

  it('loses its slot when its flow run was deleted and created again, as someone else', async () => {
    await createGlobalLimit(world, 'tag:life', { limit: 1 })
    const { runId, a } = await start(['life'])
    await propose(a, 'RUNNING')
    const run = await readRun(world, runId)
    await putRuns(world, [{ ...run, life: world.ids.life() }])
    world.clock.pass(EVIDENCE_SECONDS + 1)
    await expireLeases(world)
    expect(await heldOf('tag:life')).toBe(0)
  })

  it('loses what it holds under that lease where it does not run, or its flow run is gone', async () => {
    await createGlobalLimit(world, 'tag:idle', { limit: 2 })
    const { runId, a, b } = await start(['idle'])
    const holder = { type: 'task_run', id: a } as const
    await acquireSlots(world, { names: ['tag:idle'], slots: 1, lease: { id: leaseOfTaskRun(a), seconds: 60, holder } })
    await propose(b, 'RUNNING')
    world.clock.pass(EVIDENCE_SECONDS + 1)
    await expireLeases(world)
    expect(await heldOf('tag:idle')).toBe(1)
    await deleteItem(world.table, runKey(runId))
    world.clock.pass(EVIDENCE_SECONDS + 1)
    await expireLeases(world)
    expect(await heldOf('tag:idle')).toBe(0)
  })

  it('keeps no slots beyond the lease that it took by name and does not renew', async () => {
    await createGlobalLimit(world, 'tag:kept', { limit: 1 })
    await createGlobalLimit(world, 'by name', { limit: 1 })
    const { a } = await start(['kept'])
    await propose(a, 'RUNNING')
    await acquireSlots(world, {
      names: ['by name'],
      slots: 1,
      lease: { seconds: 60, holder: { type: 'task_run', id: a } },
    })
    world.clock.pass(61)
    await expireLeases(world)
    expect([await heldOf('tag:kept'), await heldOf('by name')]).toEqual([1, 0])
  })

  it('takes a slot again when it resumes after losing its own', async () => {
    await createGlobalLimit(world, 'tag:again', { limit: 1 })
    const { runId, a, b } = await start(['again'])
    await propose(a, 'RUNNING')
    await releaseLease(world, leaseOfTaskRun(a))
    expect((await propose(b, 'RUNNING')).status).toBe('ACCEPT')
    expect((await propose(a, 'RUNNING')).status).toBe('WAIT')
    await propose(b, 'COMPLETED')
    expect((await propose(a, 'RUNNING')).status).toBe('ACCEPT')
    expect((await holdersOf(world)).map(({ holder }) => holder?.id)).toContain(a)
    await propose(a, 'COMPLETED')
    expect(await heldOf('tag:again')).toBe(0)
    await endFlow(runId)
  })

  it('starts with slots that it acquired by name, and releases them', async () => {
    await createGlobalLimit(world, 'tag:asked', { limit: 1 })
    const { a } = await start(['asked'])
    await acquireTags(world, ['asked'], a)
    world.clock.pass(30 * 86_400)
    await expireLeases(world)
    expect((await propose(a, 'RUNNING')).status).toBe('ACCEPT')
    expect(await heldOf('tag:asked')).toBe(1)
    await propose(a, 'COMPLETED')
    expect(await heldOf('tag:asked')).toBe(0)
  })

  it('starts however many of its tags are limited', async () => {
    const tags = Array.from({ length: 120 }, (_, n) => `wide ${n}`)
    await Promise.all(tags.map((tag) => createGlobalLimit(world, `tag:${tag}`, { limit: 1 })))
    const { a } = await start(tags)
    expect((await propose(a, 'RUNNING')).status).toBe('ABORT')
  })

  it('releases its slot when it is deleted', async () => {
    await createGlobalLimit(world, 'tag:gone', { limit: 1 })
    const { a } = await start(['gone'])
    await propose(a, 'RUNNING')
    await deleteTaskRun(world, a)
    expect(await heldOf('tag:gone')).toBe(0)
  })
})
