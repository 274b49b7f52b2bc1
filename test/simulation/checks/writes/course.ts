import {
  AGENT_HOLD_CHECK_SECONDS,
  CLIENT_CANCEL_SECONDS,
  PAUSE_LEASE_SECONDS,
  START_TIMEOUT_SECONDS,
} from '#shared/bounds.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'

/** Figures that are sums of seconds. */
const ROUNDING_SECONDS = 0.001
/** Who claimed, and who writes, may have other clocks. */
const CLOCKS_DIFFER_SECONDS = 60

/** I15: a run's times, counts and places follow from the states that it goes through. */
export function courseProblems(before: FlowRun, run: FlowRun): string[] {
  const wrong = [...fixed(before, run), ...atAnyTime(run)]
  if (run.stateSequence !== before.stateSequence) wrong.push(...moved(before, run))
  return wrong.map((words) => `I15 run ${run.id}, ${before.state.name} and then ${run.state.name}, ${words}`)
}

/** What no write of a run changes. */
const FIXED = ['flowId', 'deploymentId', 'poolId', 'created', 'expectedStartTime'] as const

function fixed(before: FlowRun, run: FlowRun): string[] {
  return FIXED.flatMap((member) =>
    before[member] === run[member] ? [] : [`has a new ${member}: ${run[member]} for ${before[member]}`],
  )
}

function atAnyTime({ state, startTime, endTime, nextScheduledStartTime, claim, blockedBy }: FlowRun): string[] {
  const { type } = state
  return [
    ...((endTime !== null) === isTerminal(type) ? [] : [`has the end ${endTime}`]),
    ...(type === 'RUNNING' && startTime === null ? ['has no start'] : []),
    ...((nextScheduledStartTime !== null) === (type === 'SCHEDULED') ? [] : [`is due at ${nextScheduledStartTime}`]),
    ...(type === 'PAUSED' && state.details.pauseReschedule && claim !== null ? ['is suspended, and holds slots'] : []),
    ...(blockedBy !== null && (type !== 'SCHEDULED' || claim !== null) ? [`waits for ${blockedBy}`] : []),
  ]
}

function moved(before: FlowRun, run: FlowRun): string[] {
  const { state } = run
  const from = before.state.type
  const begins = state.type === 'RUNNING' && from !== 'RUNNING' && from !== 'PAUSED' && !before.policy.resuming
  const ran = from === 'RUNNING' ? secondsBetween(before.state.timestamp, state.timestamp) : 0
  const total = before.totalRunTimeSeconds + ran
  const dropped = before.launch && !run.launch
  const began = state.type === 'RUNNING' || (isTerminal(state.type) && before.claim !== null)
  const starts = before.startTime === null && (run.startTime !== null) !== began
  return [
    ...(run.stateSequence === before.stateSequence + 1 ? [] : ['has left out a state']),
    ...(before.startTime === null || before.startTime === run.startTime ? [] : ['has started at another time']),
    ...(starts ? [`has started at ${run.startTime}`] : []),
    ...(run.runCount === before.runCount + (begins ? 1 : 0) ? [] : [`has run ${run.runCount} times`]),
    ...(Math.abs(run.totalRunTimeSeconds - total) < ROUNDING_SECONDS
      ? []
      : [`has run for ${run.totalRunTimeSeconds} s, and not ${total}`]),
    ...(dropped && run.pastLaunches.at(-1)?.taskArn !== before.launch?.taskArn ? ['has forgotten its launch'] : []),
    ...(state.type === 'RUNNING' && run.launchRefusals > 0 ? ['counts the refusals of a launch that it has'] : []),
    ...(run.claim && run.claim.leaseUntil > latestLook(run) ? [`is first looked at at ${run.claim.leaseUntil}`] : []),
  ]
}

/** When a held run that has entered a state must be looked at, at the latest. */
function latestLook({ state, claim, timeoutSeconds }: FlowRun): Instant {
  const { type, timestamp, details } = state
  const launched = claim?.by.kind === 'dispatcher'
  if (type === 'CANCELLING') return addSeconds(timestamp, CLIENT_CANCEL_SECONDS)
  if (type === 'PAUSED')
    return Math.min(details.pauseTimeout ?? Infinity, launched ? addSeconds(timestamp, PAUSE_LEASE_SECONDS) : Infinity)
  if (claim?.by.kind === 'agent') return addSeconds(timestamp, AGENT_HOLD_CHECK_SECONDS + CLOCKS_DIFFER_SECONDS)
  if (!launched) return Infinity
  if (type === 'RUNNING' && timeoutSeconds !== null) return addSeconds(timestamp, timeoutSeconds)
  return addSeconds(timestamp, START_TIMEOUT_SECONDS)
}
