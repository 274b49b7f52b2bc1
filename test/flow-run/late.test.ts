import { expect, it } from 'vitest'
import { LATE_AFTER_SECONDS } from '#shared/bounds.ts'
import { isLate, lateBefore, shownStateName } from '#shared/flow-run/late.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { aRun, at, runIn, T0 } from '../support/fixtures/a-run.ts'

const waiting = (name?: string) => aRun({ state: newState('SCHEDULED', T0, { name }) })

it('a run is shown as Late 15 s after its due time', () => {
  expect(LATE_AFTER_SECONDS).toBe(15)
  expect(shownStateName(waiting(), at(15) - 1)).toBe('Scheduled')
  expect(shownStateName(waiting(), at(15))).toBe('Late')
  expect(lateBefore(at(15))).toBe(T0)
})

it('a run with a reason for waiting is not late', () => {
  for (const name of ['AwaitingRetry', 'AwaitingConcurrencySlot', 'AwaitingCapacity', 'Resuming']) {
    expect(shownStateName(waiting(name), at(3600))).toBe(name)
  }
})

it('a run that is not waiting is not late', () => {
  const types: StateType[] = ['PENDING', 'RUNNING', 'COMPLETED', 'PAUSED']
  expect(types.filter((type) => isLate(runIn(type), at(3600)))).toEqual([])
  expect(isLate(runIn('PENDING', { nextScheduledStartTime: T0 }), at(3600))).toBe(false)
  expect(isLate({ ...waiting(), nextScheduledStartTime: null }, at(3600))).toBe(false)
})
