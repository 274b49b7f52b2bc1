import { describe, expect, it } from 'vitest'
import { launchToken, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { SERVICE } from '#shared/flow-run/writer.ts'
import { SimulatedEcs } from '../../support/ecs/simulated-ecs.ts'
import { aRun, at, runIn, someDetails } from '../../support/fixtures/a-run.ts'
import { WorldClock } from '../machine/world-clock.ts'
import { type GlobalItem, isPhaseOf, NOTHING, type Picture } from './picture.ts'
import { pictureOfThese, waitingRun } from './small-world.ts'
import { TaskWatch } from './task-watch.ts'
import { globalProblems } from './writes/global-ledgers.ts'
import { KeyWatch } from './writes/key-watch.ts'
import { recordProblems } from './writes/records.ts'

describe('tasks of a run', () => {
  const launch = (run: FlowRun, attempt: number) =>
    ({ startedBy: startedByOf(run), token: launchToken(run, attempt) }) as Parameters<SimulatedEcs['run']>[0]
  const openEcs = () => {
    const ecs = new SimulatedEcs(new WorldClock())
    ecs.script = () => ({ runsForSeconds: null })
    return ecs
  }
  const attempt = (number: number, rest: Partial<FlowRun> = {}) =>
    runIn('PENDING', { job: 'command', launch: { attempt: number, taskArn: null, taskVersion: 0 }, ...rest })

  it('are one at a time in a generation', async () => {
    const ecs = openEcs()
    const watch = new TaskWatch()
    await ecs.run(launch(attempt(1), 1))
    expect(watch.started(ecs.started)).toEqual([])
    await ecs.run(launch(attempt(1), 2))
    expect(watch.started(ecs.started)).toEqual([expect.stringContaining('is alive')])
    expect(watch.started(ecs.started)).toEqual([])
  })

  it('are one of a launch, however long ago that was', async () => {
    const ecs = openEcs()
    const watch = new TaskWatch()
    await ecs.run(launch(attempt(1), 1))
    ecs.started.push({ ...(ecs.started[0] as (typeof ecs.started)[number]) })
    expect(watch.started(ecs.started)).toEqual([expect.stringContaining('a second task for the launch')])
  })

  it.each([
    ['another attempt', attempt(2)],
    ['another claim', attempt(1, { generation: 2 })],
  ])('have stopped before %s begins', async (_, next) => {
    const ecs = openEcs()
    const watch = new TaskWatch()
    await ecs.run(launch(attempt(1), 1))
    expect(watch.changed(attempt(1), next, ecs.started)).toHaveLength(1)
    expect(watch.changed(attempt(1), next, [])).toEqual([])
  })

  it.each([
    ['client', 0],
    ['claimant', 0],
    ['service', 1],
    ['ecs', 1],
  ] as const)('of whatever job have stopped before a claim where the %s sent it to wait', async (kind, problems) => {
    const ecs = openEcs()
    const watch = new TaskWatch()
    await ecs.run(launch(attempt(1), 1))
    const by = { kind, keyId: null, generation: 1 }
    const past = { type: 'SCHEDULED' as const, name: 'Scheduled', timestamp: at(1), message: null, by }
    const parked = { ...past, by: { ...SERVICE, generation: 1 } }
    const waiting = attempt(1, { job: 'flow', history: [...attempt(1).history, past, parked] })
    expect(watch.changed(waiting, attempt(1, { job: 'flow', generation: 2 }), ecs.started)).toHaveLength(problems)
  })
})

it('finds a second run of one key', () => {
  const watch = new KeyWatch()
  const keyed = (number: number) => waitingRun(number, { details: someDetails({ idempotencyKey: 'nightly' }) })
  const both = pictureOfThese([keyed(1), keyed(2)])
  expect(watch.check(keyed(1), both)).toEqual([])
  expect(watch.check(keyed(1), both)).toEqual([])
  expect(watch.check(keyed(2), both)).toHaveLength(1)
  expect(watch.check(keyed(3), pictureOfThese([keyed(3)]))).toEqual([])
})

describe('the record of a state', () => {
  const by = { ...SERVICE, generation: 0 }
  const crashed = (message: string | null) => {
    const state = newState('CRASHED', at(1), { message: message ?? '' })
    const { type, name, timestamp } = state
    return aRun({
      state: { ...state, message },
      stateSequence: 2,
      history: [...aRun().history, { type, name, timestamp, message, by }],
    })
  }

  it('is complete with a writer and a reason', () => {
    expect(recordProblems(aRun(), crashed('Its task is gone.'), 0)).toEqual([])
    expect(recordProblems(aRun(), crashed(null), 0)).toEqual([expect.stringContaining('without a reason')])
  })

  it.each([
    ['its history leaves it out', (run: FlowRun) => ({ ...run, history: run.history.slice(0, 1) })],
    [
      'nobody wrote it',
      (run: FlowRun) => ({ ...run, history: run.history.map((past) => ({ ...past, by: undefined })) }),
    ],
    ['its time is that of the state before', (run: FlowRun) => ({ ...run, history: run.history.toReversed() })],
  ])('is wrong where %s', (_, change) => {
    expect(recordProblems(aRun(), change(crashed('Gone.')), 0)).not.toEqual([])
  })
})

describe('the time of a claim', () => {
  const by = { ...SERVICE, generation: 1 }
  const claimed = (seconds: number) => {
    const { type, name, timestamp, message } = newState('PENDING', at(seconds))
    const past = { type, name, timestamp, message, by }
    return runIn('PENDING', {
      state: newState('PENDING', at(seconds)),
      generation: 1,
      stateSequence: 2,
      history: [...aRun().history, past],
    })
  }

  it('may be as long before that of the last state as clocks differ and a claim takes', () => {
    const before = [expect.stringContaining('since before its last state')]
    expect([-89, -91, -109, -111].map((seconds) => recordProblems(aRun(), claimed(seconds), 0).length)).toEqual([
      0, 1, 1, 1,
    ])
    expect(recordProblems(aRun(), claimed(-109), 20)).toEqual([])
    expect(recordProblems(aRun(), claimed(-111), 20)).toEqual(before)
  })
})

describe('a limit that is taken by name', () => {
  const limit = (rest: Partial<GlobalItem>): GlobalItem => {
    return { key: 'global#g', created: 1, limit: 1, decayPerSecond: 0, active: 1, loose: 0, leased: 1, ...rest }
  }
  const held = (leases: number, rest: Partial<GlobalItem> = {}): Picture => ({
    ...NOTHING,
    globals: new Map([['global#g', limit({ active: leases, leased: leases, ...rest })]]),
    leases: new Map(
      Array.from({ length: leases }, (_, n) => [
        `${n}`,
        { id: `${n}`, until: 1, slots: 1, limits: [{ id: 'g', created: 1 }] },
      ]),
    ),
  })

  it('counts what its leases hold', () => {
    expect(globalProblems(held(0), held(1))).toEqual([])
    expect(globalProblems(held(0), held(1, { leased: 0 }))).toEqual([expect.stringContaining('0 leased')])
    expect(globalProblems(held(1), held(1, { active: 2 }))).toContainEqual(expect.stringContaining('counts 2 slots'))
  })

  it('gives out none too many, unless it was lowered meanwhile', () => {
    expect(globalProblems(held(1), held(2))).toEqual([expect.stringContaining('from 1 to 2 of 1')])
    expect(globalProblems(held(2), held(2))).toEqual([])
  })
})

it('knows where runs are by what they say', () => {
  expect(isPhaseOf(aRun({ poolId: 'p' }), 'ready#p')).toBe(true)
  expect(isPhaseOf(aRun({ poolId: 'p', blockedBy: 'deployment#d' }), 'ready#p')).toBe(false)
  expect(isPhaseOf(runIn('PAUSED', { poolId: 'p' }), 'paused')).toBe(false)
  expect(isPhaseOf(runIn('PAUSED', { poolId: 'p', claim: null }), 'paused')).toBe(true)
  expect(isPhaseOf(runIn('CANCELLING', { poolId: 'p' }), 'active#p')).toBe(true)
  expect(isPhaseOf(runIn('COMPLETED'), 'ended#FAILED#2026-01-15')).toBe(false)
})
