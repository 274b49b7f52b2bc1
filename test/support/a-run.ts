import type { Claim, FlowRun, FlowRunDetails } from '../../shared/flow-run/flow-run.ts'
import { NO_POLICY } from '../../shared/flow-run/flow-run.ts'
import { holdsSlots, isTerminal, newState, type State, type StateType } from '../../shared/flow-run/state.ts'
import { addSeconds, type Instant } from '../../shared/instant.ts'
import { poolLimit, queueLimit } from '../../shared/limit/limit.ts'

/** When everything happens, unless a test says otherwise. */
export const T0: Instant = Date.UTC(2026, 0, 15, 12) * 1000
export const at = (seconds: number): Instant => addSeconds(T0, seconds)

export const RUN_ID = '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000'
export const FLOW_ID = '11111111-1111-5111-8111-111111111111'
export const DEPLOYMENT_ID = '22222222-2222-5222-8222-222222222222'
export const POOL_ID = '33333333-3333-5333-8333-333333333333'
export const QUEUE_ID = '44444444-4444-5444-8444-444444444444'
export const TASK_ARN = 'arn:aws:ecs:us-east-1:123456789012:task/pushpool/0123456789abcdef0123456789abcdef'

export function someDetails(overrides: Partial<FlowRunDetails> = {}): FlowRunDetails {
  return {
    name: 'brisk-otter',
    tags: [],
    labels: {},
    parameters: {},
    context: {},
    jobVariables: {},
    idempotencyKey: null,
    parentTaskRunId: null,
    parentFlowRunId: null,
    autoScheduled: false,
    createdBy: null,
    flowVersion: null,
    deploymentVersion: null,
    infrastructureDocumentId: null,
    ...overrides,
  }
}

export function aClaim(overrides: Partial<Claim> = {}): Claim {
  return {
    id: 'claim-1',
    by: { kind: 'dispatcher', name: null },
    at: T0,
    leaseUntil: at(900),
    slots: [poolLimit(POOL_ID), queueLimit(QUEUE_ID)],
    ...overrides,
  }
}

/** A run of a deployment in a pool, waiting and due, unless told otherwise. */
export function aRun(overrides: Partial<FlowRun> = {}): FlowRun {
  const state: State = overrides.state ?? newState('SCHEDULED', T0)
  const { type, name, timestamp, message } = state
  return {
    id: RUN_ID,
    flowId: FLOW_ID,
    deploymentId: DEPLOYMENT_ID,
    poolId: POOL_ID,
    queueId: QUEUE_ID,
    job: 'flow',
    state,
    stateSequence: 1,
    history: [{ type, name, timestamp, message }],
    generation: 0,
    claim: null,
    launch: null,
    launchRefusals: 0,
    blockedBy: null,
    timeoutSeconds: null,
    policy: NO_POLICY,
    runCount: 0,
    expectedStartTime: T0,
    nextScheduledStartTime: type === 'SCHEDULED' ? (state.details.scheduledTime ?? timestamp) : null,
    startTime: null,
    endTime: null,
    totalRunTimeSeconds: 0,
    infrastructurePid: null,
    created: T0,
    updated: T0,
    revision: 0,
    details: someDetails(),
    ...overrides,
  }
}

/** A run as it usually is in a state of this type: claimed and launched while it is held, paused with its process alive. */
export function runIn(type: StateType, overrides: Partial<FlowRun> = {}): FlowRun {
  const held = holdsSlots(type) || type === 'PAUSED'
  const state = overrides.state ?? newState(type, T0)
  const launched = held || isTerminal(type)
  return aRun({
    state,
    generation: type === 'SCHEDULED' ? 0 : 1,
    claim: held ? aClaim() : null,
    launch: launched ? { attempt: 1, taskArn: TASK_ARN, taskVersion: 3 } : null,
    runCount: type === 'SCHEDULED' || type === 'PENDING' ? 0 : 1,
    startTime: type === 'SCHEDULED' || type === 'PENDING' ? null : T0,
    endTime: isTerminal(type) ? state.timestamp : null,
    ...overrides,
  })
}
