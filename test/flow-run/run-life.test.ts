import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HISTORY_MAX } from '#shared/bounds.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { instantOfSort, lineOfSort, phaseOf } from '#shared/flow-run/phase.ts'
import { propose } from '#shared/flow-run/propose.ts'
import { holdsSlots, isTerminal, newState, STATE_TYPES, type StateType } from '#shared/flow-run/state.ts'
import type { ProposedState } from '#shared/flow-run/verdict.ts'
import { addSeconds, type Instant, NEVER } from '#shared/instant.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { aClaim, aRun, someDetails, T0 } from '../support/fixtures/a-run.ts'

/** One step of a generated history: a state is proposed after some time, perhaps with force. */
interface Step {
  type: StateType
  name?: string | undefined
  details: NonNullable<ProposedState['details']>
  force: boolean
  passSeconds: number
  by: 'dispatcher' | 'client' | 'agent'
}

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom(...STATE_TYPES),
  name: fc.option(fc.constantFrom('Pending', 'Submitting', 'Late', 'Suspended'), { nil: undefined }),
  details: fc.record(
    {
      scheduledTime: fc.integer({ min: -100, max: 100 }).map((seconds) => addSeconds(T0, seconds)),
      pauseTimeout: fc.integer({ min: 0, max: 300 }).map((seconds) => addSeconds(T0, seconds)),
      pauseReschedule: fc.boolean(),
      pauseKey: fc.constantFrom('a', 'b'),
      transitionId: fc.constantFrom('1', '2', '3'),
    },
    { requiredKeys: [] },
  ),
  force: fc.boolean(),
  passSeconds: fc.integer({ min: -2, max: 60 }),
  by: fc.constantFrom('dispatcher', 'client', 'agent'),
})

const start: fc.Arbitrary<FlowRun> = fc
  .record({
    pooled: fc.boolean(),
    deployed: fc.boolean(),
    retries: fc.option(fc.integer({ min: 0, max: 3 })),
    timeoutSeconds: fc.option(fc.integer({ min: 1, max: 100 })),
    parentTaskRunId: fc.option(fc.constant('task')),
  })
  .map(({ pooled, deployed, retries, timeoutSeconds, parentTaskRunId }) => {
    const run = aRun({ timeoutSeconds, details: someDetails({ parentTaskRunId }) })
    const policy = { ...run.policy, retries }
    const place = pooled ? {} : { poolId: null, queueId: null }
    return { ...run, ...place, policy, deploymentId: deployed || pooled ? run.deploymentId : null }
  })

/** What the claim transaction does to a waiting run, for the two rules about claims. */
function claimed(run: FlowRun, next: FlowRun, by: Step['by'], now: Instant): FlowRun {
  const claim = aClaim({ by: { kind: by, name: null }, at: now, leaseUntil: addSeconds(now, 900) })
  return { ...next, claim, launch: null, generation: run.generation + 1 }
}

interface Transition {
  before: FlowRun
  after: FlowRun
  step: Step
}

function live(run: FlowRun, steps: readonly Step[]): Transition[] {
  const transitions: Transition[] = []
  let now = T0
  let before = run
  for (const one of steps) {
    now = addSeconds(now, one.passSeconds)
    const verdict = propose(before, one, { now, force: one.force })
    const written = verdict.status === 'ACCEPT' || (verdict.status === 'REJECT' && verdict.written)
    if (!written) continue
    const waits = before.state.type === 'SCHEDULED' && before.claim === null
    // As set-state does: a run that will hold slots is first claimed as PENDING.
    const claims = waits && holdsSlots(verdict.state.type)
    const state = claims && verdict.state.type !== 'PENDING' ? newState('PENDING', now) : verdict.state
    const next = advance(before, state, verdict.policy)
    const after = claims ? claimed(before, next, one.by, now) : next
    transitions.push({ before, after, step: one })
    before = after
  }
  return transitions
}

/** Searches for a life in which a transition breaks the rule. */
const lifeThatBreaks = (rule: (transition: Transition) => boolean): string | undefined => {
  const steps = fc.array(step, { maxLength: 40 })
  return counterexample(
    fc.property(start, steps, (run, history) => live(run, history).every(rule)),
    1000,
  )
}

/** A rule for the transitions that it covers. */
const implies = (condition: boolean, consequence: boolean) => !condition || consequence

it('a terminal state leads only to a retry, or by force to another terminal state', () => {
  const broken = lifeThatBreaks(({ before, after, step: { force } }) => {
    const corrected = force && isTerminal(after.state.type)
    return implies(isTerminal(before.state.type), corrected || after.state.type === 'SCHEDULED')
  })
  expect(broken).toBeUndefined()
})

it('a claim lasts as long as work may go on: held, paused in its process, or retried by it', () => {
  const broken = lifeThatBreaks(({ after: { state, claim, policy } }) => {
    const pausedInProcess = state.type === 'PAUSED' && !state.details.pauseReschedule
    const retriedInProcess = state.type === 'SCHEDULED' && policy.retryType === 'in_process'
    return implies(claim !== null, holdsSlots(state.type) || pausedInProcess || retriedInProcess)
  })
  expect(broken).toBeUndefined()
})

it('a run of a deployment or in a pool holds nothing without a claim', () => {
  const broken = lifeThatBreaks(({ after: { state, claim, poolId, deploymentId } }) =>
    implies(holdsSlots(state.type) && (poolId !== null || deploymentId !== null), claim !== null),
  )
  expect(broken).toBeUndefined()
})

it('numbers and times of states only increase, whatever the clock does', () => {
  const broken = lifeThatBreaks(
    ({ before, after }) =>
      after.stateSequence === before.stateSequence + 1 &&
      after.state.timestamp > before.state.timestamp &&
      after.history.at(-1)?.type === after.state.type &&
      after.history.at(-1)?.timestamp === after.state.timestamp &&
      after.history.length === Math.min(HISTORY_MAX, before.history.length + 1) &&
      after.runCount >= before.runCount &&
      after.totalRunTimeSeconds >= before.totalRunTimeSeconds,
  )
  expect(broken).toBeUndefined()
})

it('the generation increases only by a claim', () => {
  const broken = lifeThatBreaks(({ before, after }) => {
    const claims = after.claim !== null && before.claim === null
    return after.generation === before.generation + (claims ? 1 : 0) && after.revision === before.revision
  })
  expect(broken).toBeUndefined()
})

it("a run's phase follows from its state and claim", () => {
  const broken = lifeThatBreaks(({ after }) => {
    const { state, claim } = after
    const { phase, sort } = phaseOf(after)
    const kind = phase.slice(0, phase.indexOf('#'))
    const waits = state.type === 'SCHEDULED'
    return (
      (kind === 'ended') === isTerminal(state.type) &&
      (kind === 'active') === (holdsSlots(state.type) || claim !== null) &&
      (kind === 'ready') === (waits && claim === null) &&
      (phase === 'paused') === (state.type === 'PAUSED' && claim === null) &&
      Number.isSafeInteger(instantOfSort(sort))
    )
  })
  expect(broken).toBeUndefined()
})

it('a waiting run can be found by its line and its due time', () => {
  const broken = lifeThatBreaks(({ after }) => {
    const { state, claim, poolId, queueId, deploymentId, nextScheduledStartTime: due } = after
    const { phase, sort } = phaseOf(after)
    const line = queueId ?? deploymentId ?? 'none'
    const found = phase === `ready#${poolId ?? 'none'}` && lineOfSort(sort) === line && instantOfSort(sort) === due
    return implies(state.type === 'SCHEDULED' && claim === null, found)
  })
  expect(broken).toBeUndefined()
})

it('a repeated proposal gets what the first one led to', () => {
  const broken = lifeThatBreaks(({ after, step: asked }) => {
    // On the way to RUNNING through PENDING, a proposal is repeated on purpose.
    const underWay = after.state.type === 'PENDING' && asked.type === 'RUNNING'
    const again = propose(after, asked, { now: after.state.timestamp, force: asked.force })
    const same = again.status === 'REJECT' && !again.written && again.state === after.state
    return implies(asked.details.transitionId !== undefined && !underWay, same)
  })
  expect(broken).toBeUndefined()
})

it('cancelling ends in CANCELLED, unless forced otherwise', () => {
  const broken = lifeThatBreaks(({ before, after, step: { force } }) =>
    implies(before.state.type === 'CANCELLING' && !force, after.state.type === 'CANCELLED'),
  )
  expect(broken).toBeUndefined()
})

it('a run has an end time exactly when it has ended, and no start after it', () => {
  const broken = lifeThatBreaks(
    ({ after: { state, startTime, endTime } }) =>
      (endTime !== null) === isTerminal(state.type) && (startTime ?? 0) <= (endTime ?? NEVER),
  )
  expect(broken).toBeUndefined()
})
