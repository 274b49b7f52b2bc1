import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRunning, isStopped, launchToken, parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { LIFE, RUN_ID } from '../support/fixtures/a-run.ts'
import { aTask } from '../support/fixtures/a-task.ts'

const runId = fc.uuid().map(asRunId)
const generation = fc.integer({ min: 1, max: 999_999_999 })

const handOut = fc.record({ id: runId, life: fc.stringMatching(/^[0-9a-f]{16}$/), generation })

describe('startedBy', () => {
  it("names the run, its life and its generation, within ECS's characters and length", () => {
    const property = fc.property(handOut, (one) => {
      const text = startedByOf(one)
      return /^[A-Za-z0-9/_-]{1,128}$/.test(text) && isDeepStrictEqual(parseStartedBy(text), { ...one })
    })
    expect(counterexample(property)).toBeUndefined()
  })

  const FOREIGN = [
    null,
    '',
    'ecs-svc/1234567890',
    RUN_ID,
    `${RUN_ID}/1`,
    `${RUN_ID}/${LIFE}`,
    `${RUN_ID}/${LIFE}/`,
    `${RUN_ID}/${LIFE}/x`,
    `${RUN_ID}/${LIFE}/-1`,
    `${RUN_ID}/${LIFE}/1/1`,
    `${RUN_ID}/${LIFE}/1 `,
    `${RUN_ID}/${LIFE}/1\n`,
    `x${RUN_ID}/${LIFE}/1`,
    `${RUN_ID}/${LIFE}/1000000000`,
    `${RUN_ID}/${LIFE.slice(1)}/1`,
    `${RUN_ID.toUpperCase()}/${LIFE}/1`,
  ]
  it.each(FOREIGN)('%j names no run of ours', (text) => {
    expect(parseStartedBy(text)).toBeUndefined()
  })
})

describe('the launch token', () => {
  const ONE = { id: RUN_ID, life: LIFE, generation: 1 }

  it('is valid for ECS, and the same for the same attempt', () => {
    expect(launchToken(ONE, 1)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(launchToken(ONE, 1)).toBe(launchToken({ ...ONE }, 1))
  })

  it('differs for every run, life, generation and attempt', () => {
    const attempt = fc.tuple(handOut, fc.integer({ min: 1, max: 200 }))
    const property = fc.property(attempt, attempt, (a, b) => {
      return (launchToken(...a) === launchToken(...b)) === isDeepStrictEqual(a, b)
    })
    expect(counterexample(property)).toBeUndefined()
    // The parts are delimited.
    expect(launchToken(ONE, 11)).not.toBe(launchToken({ ...ONE, generation: 11 }, 1))
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
