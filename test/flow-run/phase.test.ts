import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLIENT_CANCEL_SECONDS, LATER_AHEAD_SECONDS } from '#shared/bounds.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import {
  activePhase,
  blockedPhase,
  endedPhase,
  instantOfSort,
  lineOf,
  lineOfSort,
  PAUSED_PHASE,
  parseBlockedSort,
  phaseOf,
  readyPhase,
  readySort,
} from '#shared/flow-run/phase.ts'
import { newState, TERMINAL_TYPES } from '#shared/flow-run/state.ts'
import { NEVER, sortable } from '#shared/instant.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { aClaim, aRun, at, DEPLOYMENT_ID, POOL_ID, QUEUE_ID, runIn, T0 } from '../support/fixtures/a-run.ts'

const due = (seconds: number) => newState('SCHEDULED', T0, { details: { scheduledTime: at(seconds) } })
const pausedUntil = (pauseTimeout?: number) => newState('PAUSED', T0, { details: { pauseTimeout } })
const nowhere = { poolId: null, queueId: null }

const PHASES: [string, FlowRun, string, string][] = [
  ['waiting in a queue', aRun({ state: due(60) }), `ready#${POOL_ID}`, `${QUEUE_ID}#${sortable(at(60))}`],
  ['waiting to be polled by its own server', aRun(nowhere), 'ready#none', `${DEPLOYMENT_ID}#${sortable(T0)}`],
  ['waiting for nobody', aRun({ ...nowhere, deploymentId: null }), 'ready#none', `none#${sortable(T0)}`],
  ['parked', aRun({ blockedBy: 'deployment#d' }), `blocked#${POOL_ID}`, `deployment#d#${QUEUE_ID}#${sortable(T0)}`],
  [
    'waiting for its own process',
    runIn('RUNNING', { state: due(60), policy: { ...NO_POLICY, retryType: 'in_process' } }),
    `active#${POOL_ID}`,
    sortable(at(900)),
  ],
  ['claimed', runIn('PENDING'), `active#${POOL_ID}`, sortable(at(900))],
  ['running', runIn('RUNNING', { claim: aClaim({ leaseUntil: at(5) }) }), `active#${POOL_ID}`, sortable(at(5))],
  ['running by hand', runIn('RUNNING', { ...nowhere, claim: null }), 'active#none', sortable(NEVER)],
  ['being cancelled', runIn('CANCELLING'), `active#${POOL_ID}`, sortable(at(900))],
  [
    'being cancelled by hand',
    runIn('CANCELLING', { ...nowhere, claim: null }),
    'active#none',
    sortable(at(CLIENT_CANCEL_SECONDS)),
  ],
  [
    'due much later',
    aRun({ state: due(LATER_AHEAD_SECONDS + 1) }),
    `ready#${POOL_ID}`,
    `later#${sortable(at(LATER_AHEAD_SECONDS + 1))}`,
  ],
  [
    'due as much later as is soon',
    aRun({ state: due(LATER_AHEAD_SECONDS) }),
    `ready#${POOL_ID}`,
    `${QUEUE_ID}#${sortable(at(LATER_AHEAD_SECONDS))}`,
  ],
  [
    'due much later in no pool',
    aRun({ ...nowhere, state: due(LATER_AHEAD_SECONDS + 1) }),
    'ready#none',
    `${DEPLOYMENT_ID}#${sortable(at(LATER_AHEAD_SECONDS + 1))}`,
  ],
  [
    'due much later in no queue',
    aRun({ queueId: null, state: due(LATER_AHEAD_SECONDS + 1) }),
    `ready#${POOL_ID}`,
    `${DEPLOYMENT_ID}#${sortable(at(LATER_AHEAD_SECONDS + 1))}`,
  ],
  ['suspended', runIn('PAUSED', { state: pausedUntil(at(60)), claim: null }), 'paused', sortable(at(60))],
  ['suspended for good', runIn('PAUSED', { state: pausedUntil(), claim: null }), 'paused', sortable(NEVER)],
  [
    'paused in its process',
    runIn('PAUSED', { claim: aClaim({ leaseUntil: at(5) }) }),
    `active#${POOL_ID}`,
    sortable(at(5)),
  ],
  ...TERMINAL_TYPES.map((type): [string, FlowRun, string, string] => [
    type.toLowerCase(),
    runIn(type, { endTime: at(7) }),
    `ended#${type}#2026-01-15`,
    sortable(at(7)),
  ]),
]

it.each(PHASES)('a run that is %s (%o) is in %s at %s', (_what, run, phase, sort) => {
  expect(phaseOf(run)).toEqual({ phase, sort })
})

it('phases have distinct names', () => {
  const names = [readyPhase('p'), activePhase('p'), blockedPhase('p'), PAUSED_PHASE, endedPhase('FAILED', 'p')]
  expect(new Set(names).size).toBe(names.length)
})

describe('the order of waiting runs', () => {
  const id = fc.uuid()
  const instant = fc.integer({ min: 0, max: NEVER })

  it('is by queue, and within a queue by due time', () => {
    const property = fc.property(id, id, instant, instant, (lineA, lineB, dueA, dueB) => {
      const byLine = lineA < lineB ? -1 : lineA > lineB ? 1 : 0
      const sorts = [readySort(lineA, dueA), readySort(lineB, dueB)] as const
      const bySort = sorts[0] < sorts[1] ? -1 : sorts[0] > sorts[1] ? 1 : 0
      return bySort === (byLine || Math.sign(dueA - dueB))
    })
    expect(counterexample(property)).toBeUndefined()
  })

  it('can be parsed from the sort key', () => {
    const property = fc.property(id, instant, (line, time) => {
      const sort = readySort(line, time)
      return lineOfSort(sort) === line && instantOfSort(sort) === time
    })
    expect(counterexample(property)).toBeUndefined()
  })

  it('limit and line can be parsed from the sort key of runs that wait for a limit', () => {
    const { sort } = phaseOf(aRun({ blockedBy: 'deployment#d' }))
    expect(parseBlockedSort(sort)).toEqual({ limit: 'deployment#d', line: QUEUE_ID })
    expect(parseBlockedSort('deployment#d')).toEqual({ limit: 'deployment#d', line: '' })
  })

  it('the time can be parsed in every other phase, too', () => {
    expect(instantOfSort(phaseOf(runIn('RUNNING')).sort)).toBe(at(900))
    expect(instantOfSort(phaseOf(runIn('FAILED', { endTime: at(7) })).sort)).toBe(at(7))
  })
})

it('a run without a queue waits in the line of its deployment, if it has one', () => {
  expect(lineOf({ queueId: 'q', deploymentId: 'd' })).toBe('q')
  expect(lineOf({ queueId: null, deploymentId: 'd' })).toBe('d')
  expect(lineOf({ queueId: null, deploymentId: null })).toBe('none')
})

it('a run that ended around midnight belongs to the UTC day of its end', () => {
  const midnight = Date.UTC(2026, 0, 16) * 1000
  const ended = advance(runIn('RUNNING'), newState('FAILED', midnight - 1))
  expect(phaseOf(ended).phase).toBe('ended#FAILED#2026-01-15')
  expect(phaseOf(advance(runIn('RUNNING'), newState('FAILED', midnight))).phase).toBe('ended#FAILED#2026-01-16')
})
