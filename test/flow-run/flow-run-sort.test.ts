import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FLOW_RUN_SORTS, sortRuns } from '#shared/flow-run/flow-run-sort.ts'
import { aRun, at, someDetails } from '../support/fixtures/a-run.ts'

const seconds = fc.integer({ min: 0, max: 3 })
const instant = fc.option(seconds.map(at))
const someRun = fc
  .record({
    id: fc.uuid(),
    name: fc.constantFrom('a', 'b'),
    start: seconds.map(at),
    startTime: instant,
    endTime: instant,
  })
  .map(({ id, name, start, startTime, endTime }) =>
    aRun({ id, details: someDetails({ name }), expectedStartTime: start, startTime, endTime }),
  )

describe('sorting runs', () => {
  it('is total, whatever order they come in', () => {
    const runs = fc.uniqueArray(someRun, { selector: (run) => run.id, maxLength: 8 })
    fc.assert(
      fc.property(runs, fc.constantFrom(...FLOW_RUN_SORTS), (given, sort) => {
        const ids = sortRuns(given, sort).map((run) => run.id)
        expect(sortRuns(given.toReversed(), sort).map((run) => run.id)).toEqual(ids)
      }),
    )
  })

  it('is by the time or the name that it says, and equals are told apart by id', () => {
    const runs = [
      aRun({ id: 'a', details: someDetails({ name: 'y' }), startTime: at(3), expectedStartTime: at(1) }),
      aRun({ id: 'b', details: someDetails({ name: 'x' }), startTime: null, expectedStartTime: at(2) }),
      aRun({ id: 'c', details: someDetails({ name: 'x' }), startTime: at(1), expectedStartTime: at(2) }),
    ]
    const order = (sort: (typeof FLOW_RUN_SORTS)[number]) =>
      sortRuns(runs, sort)
        .map((run) => run.id)
        .join('')
    expect(order('ID_DESC')).toBe('cba')
    expect([order('NAME_ASC'), order('NAME_DESC')]).toEqual(['cba', 'acb'])
    expect([order('START_TIME_ASC'), order('START_TIME_DESC')]).toEqual(['cba', 'abc'])
    expect([order('EXPECTED_START_TIME_ASC'), order('EXPECTED_START_TIME_DESC')]).toEqual(['acb', 'cba'])
  })

  it('puts runs without the time last, in either direction', () => {
    const ended = aRun({ id: 'ended', endTime: at(1), nextScheduledStartTime: null })
    const waiting = aRun({ id: 'waiting', endTime: null, nextScheduledStartTime: at(1) })
    const order = (sort: (typeof FLOW_RUN_SORTS)[number]) => sortRuns([ended, waiting], sort).map((run) => run.id)
    expect(order('END_TIME_DESC')).toEqual(['ended', 'waiting'])
    expect(order('NEXT_SCHEDULED_START_TIME_ASC')).toEqual(['waiting', 'ended'])
  })
})
