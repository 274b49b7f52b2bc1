import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRunning, isStopped, launchToken, parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { RUN_ID } from '../support/fixtures/a-run.ts'
import { aTask } from '../support/fixtures/a-task.ts'

const runId = fc.uuid().map(asRunId)
const generation = fc.integer({ min: 1, max: 999_999_999 })

describe('startedBy', () => {
  it("names the run and its generation, within ECS's characters and length", () => {
    const property = fc.property(runId, generation, (id, n) => {
      const text = startedByOf(id, n)
      const read = parseStartedBy(text)
      return /^[A-Za-z0-9/_-]{1,128}$/.test(text) && read?.runId === id && read.generation === n
    })
    expect(counterexample(property)).toBeUndefined()
  })

  const FOREIGN = [
    null,
    '',
    'ecs-svc/1234567890',
    RUN_ID,
    `${RUN_ID}/`,
    `${RUN_ID}/x`,
    `${RUN_ID}/-1`,
    `${RUN_ID}/1/1`,
    `${RUN_ID}/1 `,
    `${RUN_ID}/1\n`,
    `x${RUN_ID}/1`,
    `${RUN_ID}/1000000000`,
    `${RUN_ID.toUpperCase()}/1`,
  ]
  it.each(FOREIGN)('%j names no run of ours', (text) => {
    expect(parseStartedBy(text)).toBeUndefined()
  })
})

describe('the launch token', () => {
  const RUN = { id: RUN_ID, created: 1 }

  it('is valid for ECS, and the same for the same attempt', () => {
    expect(launchToken(RUN, 1, 1)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(launchToken(RUN, 1, 1)).toBe(launchToken(RUN, 1, 1))
  })

  it('differs for every run, creation, generation and attempt', () => {
    const small = fc.integer({ min: 1, max: 200 })
    const run = fc.record({ id: runId, created: small })
    const attempt = fc.tuple(run, small, small)
    const property = fc.property(attempt, attempt, (a, b) => {
      return (launchToken(...a) === launchToken(...b)) === (JSON.stringify(a) === JSON.stringify(b))
    })
    expect(counterexample(property)).toBeUndefined()
    // The parts are delimited.
    expect(launchToken(RUN, 1, 11)).not.toBe(launchToken(RUN, 11, 1))
  })
})

it.each([
  ['PROVISIONING', false, false],
  ['PENDING', false, false],
  ['ACTIVATING', false, false],
  ['RUNNING', true, false],
  ['DEACTIVATING', false, false],
  ['STOPPING', false, false],
  ['DEPROVISIONING', false, false],
  ['STOPPED', false, true],
  ['DELETED', false, false],
])('an ECS task that is %s is running: %s, stopped: %s', (lastStatus, running, stopped) => {
  const task = aTask({ lastStatus })
  expect([isRunning(task), isStopped(task)]).toEqual([running, stopped])
})
