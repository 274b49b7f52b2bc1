import { expect, it } from 'vitest'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { SimulatedEcs } from '../../support/ecs/simulated-ecs.ts'
import { aClaim, at, heldIn, POOL_ID, runIn } from '../../support/fixtures/a-run.ts'
import { CALM, PROFILES } from '../machine/profile.ts'
import { WorldClock } from '../machine/world-clock.ts'
import { isPrompt, Promptness } from './promptness.ts'
import { aLimitItem, momentWith, waitingRun } from './small-world.ts'

it('expects promptness only where no message is lost or late', () => {
  expect(isPrompt(CALM)).toBe(true)
  expect(PROFILES.filter(isPrompt).map(({ name }) => name)).not.toContain('lossy messages')
})

it('finds a run that waits for a tick although it could start', () => {
  const promptness = new Promptness()
  const run = waitingRun(1)
  const limits = momentWith([]).picture.limits
  const moment = (now: number) => momentWith([run], [...limits.values()], { now })
  expect(promptness.check(moment(at(1)), [])).toEqual([])
  expect(promptness.check(moment(at(18)), [])).toEqual([])
  expect(promptness.check(moment(at(20)), [])).toEqual([expect.stringContaining('waits for a tick')])
})

it('leaves to the tick what a client gives back', () => {
  const promptness = new Promptness()
  const held = heldIn('RUNNING', aClaim({ by: { kind: 'client', name: null } }))
  const moment = (now: number, runs: readonly FlowRun[]) => momentWith(runs, [], { now })
  expect(promptness.check(moment(at(1), [waitingRun(1), held]), [])).toEqual([])
  expect(promptness.check(moment(at(40), [waitingRun(1)]), [])).toEqual([])
})

it('begins again when a limit of the run has moved', () => {
  const promptness = new Promptness()
  const run = waitingRun(1)
  for (const now of [1, 15, 29]) {
    const limits = [aLimitItem(`pool#${POOL_ID}`, { limit: 2, active: 1 })]
    expect(promptness.check(momentWith([run], limits, { now: at(now) }), [])).toEqual([])
  }
})

it.each([
  ['CANCELLING', { timeoutSeconds: null }, 20],
  ['RUNNING', { timeoutSeconds: 20 }, 160],
] as const)('finds a task that runs on beside a run that is %s', async (type, rest, seconds) => {
  const promptness = new Promptness()
  const run = runIn(type, rest)
  const ecs = new SimulatedEcs(new WorldClock())
  ecs.script = () => ({ runsForSeconds: null })
  await ecs.run({ startedBy: startedByOf(run), token: 'token' } as Parameters<typeof ecs.run>[0])
  const check = (now: number) => promptness.check(momentWith([run], [], { now: at(now) }), ecs.started)
  expect(check(1)).toEqual([])
  expect(check(1 + seconds)).toEqual([expect.stringContaining('task runs on')])
  await ecs.stop(ecs.started[0]?.news.taskArn ?? '', 'enough')
  expect(check(2 + seconds)).toEqual([])
})
