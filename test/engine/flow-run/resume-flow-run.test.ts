import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INPUT_BYTES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { resumeFlowRun } from '#shared/engine/flow-run/resume-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { createVariable } from '#shared/engine/variable/create-variable.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type StateDetails, type StateType } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, RUN_ID, runIn, T0 } from '../../support/fixtures/a-run.ts'
import { pushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** A run outside of pools whose process waits. */
async function pausedRun(id: string): Promise<string> {
  await createRun(world.table, aRun({ id, life: world.ids.life(), poolId: null, queueId: null, deploymentId: null }))
  await enter(id, 'RUNNING')
  await enter(id, 'PAUSED')
  return id
}

const enter = async (id: string, type: StateType) => await setState(world, id, { type })

/** Deps in which others get in before the first write. */
function overtakenBy(others: () => Promise<unknown>): Deps {
  let overtaken = false
  return withInterceptor(world, async (call, go) => {
    if (!overtaken && call.name === 'dynamodb PutItemCommand') {
      overtaken = true
      await others()
    }
    return await go()
  })
}

it('does not start a run again that ended while it was being resumed', async () => {
  const id = await pausedRun('0198a1b2-c3d4-7e5f-8a9b-000000000001')
  const { verdict } = await resumeFlowRun(
    overtakenBy(async () => await enter(id, 'FAILED')),
    id,
  )
  expect(verdict).toEqual({ status: 'ABORT', reason: 'Cannot resume a flow run that is not paused.' })
  expect((await readRun(world, id)).state.type).toBe('FAILED')
})

it('does not resume a later pause, for which it has not checked the input', async () => {
  const id = await pausedRun('0198a1b2-c3d4-7e5f-8a9b-000000000002')
  const pausedAgain = overtakenBy(async () => {
    await resumeFlowRun(world, id)
    await enter(id, 'PAUSED')
  })
  const { verdict } = await resumeFlowRun(pausedAgain, id)
  expect(verdict).toEqual({ status: 'ABORT', reason: 'The flow run was resumed and paused again.' })
  expect((await readRun(world, id)).state.type).toBe('PAUSED')
})

it('does not resume the pause of a later life of the run, for which it has not checked the input', async () => {
  const id = await pausedRun('0198a1b2-c3d4-7e5f-8a9b-000000000003')
  const { stateSequence } = await readRun(world, id)
  const another = overtakenBy(async () => {
    await enter(id, 'FAILED')
    await deleteFlowRun(world, id)
    await pausedRun(id)
  })
  const { verdict } = await resumeFlowRun(another, id)
  expect(verdict).toEqual({ status: 'ABORT', reason: 'The flow run was resumed and paused again.' })
  expect(await readRun(world, id)).toMatchObject({ state: { type: 'PAUSED' }, stateSequence })
})

describe('a paused run', () => {
  const nowhere = { poolId: null, queueId: null, deploymentId: null }
  let ids = 10
  const resumed = async (change: Partial<FlowRun>) => {
    ids += 1
    const id = `0198a1b2-c3d4-7e5f-8a9b-0000000000${ids}`
    await createRun(world.table, runIn('PAUSED', { id, life: world.ids.life(), ...change }))
    return (await resumeFlowRun(world, id)).run.state
  }

  it.each([
    ['in a pool whose process waits runs on', {}, 'RUNNING'],
    ['outside of pools runs on without a claim', { ...nowhere, claim: null }, 'RUNNING'],
  ])('%s', async (_what, change, type) => {
    expect((await resumed(change)).type).toBe(type)
  })

  it('that was suspended waits to be started again, though its process holds it still', async () => {
    const { pool, queueId, deployment } = await pushPool(world)
    const place = { poolId: pool.id, queueId, deploymentId: deployment.id }
    const state = await resumed({ ...place, state: suspended() })
    expect(state.type).toBe('SCHEDULED')
    expect(state.details.scheduledTime).toBeGreaterThan(T0)
  })

  const keyset = { schema: 'the-schema', response: 'the-response' }
  const asking = async (keys: object = keyset, details: Partial<StateDetails> = {}) => {
    ids += 1
    const id = `0198a1b2-c3d4-7e5f-8a9b-0000000000${ids}`
    const state = newState('PAUSED', T0, { details: { other: { run_input_keyset: keys }, ...details } })
    const run = runIn('PAUSED', { id, life: world.ids.life(), ...nowhere, claim: null, state })
    await createRun(world.table, run)
    await createRunInput(world, { runId: id, key: 'the-schema', value: '{"type": "object"}', sender: null })
    return run
  }

  it('gets its input in the write that resumes it, in place of an earlier one', async () => {
    const run = await asking()
    await createRunInput(world, { runId: run.id, key: 'the-response', value: '{"a":0}', sender: null })
    expect((await resumeFlowRun(world, run.id, { a: 1 })).verdict.status).toBe('ACCEPT')
    expect(await getRunInput(world.table, run, 'the-response')).toMatchObject({ value: '{"a":1}', sender: null })
  })

  it('goes on with what the one gave whose answer is ACCEPT', async () => {
    const run = await asking()
    let first: Promise<SetStateResult> | undefined
    const second = withInterceptor(world, async (call, go) => {
      if (/Put|Transact/.test(call.name)) first ??= resumeFlowRun(world, run.id, { a: 'first' })
      await first
      return await go()
    })
    expect((await resumeFlowRun(second, run.id, { a: 'second' })).verdict.status).toBe('ABORT')
    expect((await first)?.verdict.status).toBe('ACCEPT')
    expect(await getRunInput(world.table, run, 'the-response')).toMatchObject({ value: '{"a":"first"}' })
  })

  it('that is over its time fails, and gets no input', async () => {
    const run = await asking(keyset, { pauseTimeout: T0 })
    expect((await resumeFlowRun(world, run.id, { a: 1 })).verdict).toMatchObject({ status: 'REJECT', written: true })
    expect((await readRun(world, run.id)).state.type).toBe('FAILED')
    expect(await getRunInput(world.table, run, 'the-response')).toBeUndefined()
  })

  it('gets no input where none is given, or its pause names no key for it', async () => {
    const silent = await asking()
    expect((await resumeFlowRun(world, silent.id, {})).verdict.status).toBe('ACCEPT')
    expect(await getRunInput(world.table, silent, 'the-response')).toBeUndefined()
    const keyless = await asking({ schema: 'the-schema' })
    expect((await resumeFlowRun(world, keyless.id, { a: 1 })).verdict.status).toBe('ACCEPT')
    const mute = await asking({ response: 'the-response' })
    const refused = { verdict: { status: 'REJECT', reason: 'Run input schema not found.' }, wrote: false }
    expect(await resumeFlowRun(world, mute.id, { a: 1 })).toMatchObject(refused)
  })

  it('stays paused for input that is too large, or can not be read', async () => {
    const { id } = await asking()
    const large = { a: 'x'.repeat(INPUT_BYTES_MAX) }
    await expect(resumeFlowRun(world, id, large)).rejects.toMatchObject({ code: 'too_large' })
    const value = 'x'.repeat(200_000)
    for (const name of ['a', 'b', 'c']) await createVariable(world, { name, value, tags: [] })
    const naming = (name: string) => ({ __prefect_kind: 'workspace_variable', variable_name: name })
    const many = { a: naming('a'), b: naming('b'), c: naming('c') }
    await expect(resumeFlowRun(world, id, many)).rejects.toMatchObject({ code: 'too_large' })
    const unread = { a: { __prefect_kind: 'json', value: '{' } }
    const { verdict } = await resumeFlowRun(world, id, unread)
    expect(verdict).toMatchObject({
      status: 'REJECT',
      written: false,
      reason: expect.stringMatching(/^Error hydrating/),
    })
    expect((await readRun(world, id)).state.type).toBe('PAUSED')
  })
})

it('a run that is gone can not be resumed, and one that is not paused stays as it is', async () => {
  await expect(resumeFlowRun(world, RUN_ID)).rejects.toMatchObject({ code: 'not_found' })
  const id = '0198a1b2-c3d4-7e5f-8a9b-000000000004'
  await pausedRun(id)
  await enter(id, 'FAILED')
  expect(await resumeFlowRun(world, id)).toMatchObject({ verdict: { status: 'ABORT' }, wrote: false })
})

function suspended() {
  return newState('PAUSED', T0, { name: 'Suspended', details: { pauseReschedule: true } })
}
