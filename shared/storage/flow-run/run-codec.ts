import { HISTORY_MAX } from '#shared/bounds.ts'
import {
  type Claim,
  type FlowRun,
  type FlowRunDetails,
  type JobKind,
  NO_POLICY,
  NO_REFUSED_WRITES,
  type Unanswered,
} from '#shared/flow-run/flow-run.ts'
import { phaseOf } from '#shared/flow-run/phase.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { runKey, TIME_INDEX_KEY } from '#shared/storage/dynamo/table.ts'
import {
  decodeLaunch,
  decodePastLaunch,
  encodeLaunch,
  encodePastLaunch,
  type StoredLaunch,
  type StoredPastLaunch,
} from './launch-codec.ts'
import { decodeRefusals, encodeRefusals, type StoredRefusals } from './refusal-codec.ts'
import { decodePast, decodeState, encodePast, encodeState, type StoredPast, type StoredState } from './state-codec.ts'

export interface StoredClaim {
  id: string
  by: Claim['by']['kind']
  who?: string | undefined
  at: number
  until: number
  slots: LimitKey[]
  missed?: number | undefined
  seen?: number | undefined
  /** `<agent>#<session>` */
  session?: string | undefined
}

/** The run's own item. Absent members stand for null, zero or the default. */
interface StoredRun {
  pk: string
  sk: string
  life: string
  flowId: string
  deploymentId?: string | undefined
  poolId?: string | undefined
  queueId?: string | undefined
  job?: JobKind | undefined
  state: StoredState
  seq: number
  history: StoredPast[]
  generation: number
  claim?: StoredClaim | undefined
  launch?: StoredLaunch | undefined
  pastLaunches?: StoredPastLaunch[] | undefined
  refused?: StoredRefusals | undefined
  refusals?: number | undefined
  unanswered?: Unanswered | undefined
  blockedBy?: LimitKey | undefined
  timeout?: number | undefined
  /** As JSON text, since clients may set numbers that DynamoDB can't hold. */
  policy?: string | undefined
  runCount?: number | undefined
  startAt: number
  due?: number | undefined
  started?: number | undefined
  ended?: number | undefined
  ranSeconds?: number | undefined
  pid?: string | undefined
  created: number
  /** Absent while it is the time of the state. */
  updated?: number | undefined
  revision: number
  listKey: string
  phase: string
  phaseSort: string
  /** The details as JSON when they are small; otherwise how many chunk items hold them. */
  details?: string | undefined
  detailChunks?: number | undefined
}

/** A claim as it is kept in its run's item. */
export function encodeClaim(claim: Claim): StoredClaim {
  const { by, leaseUntil, session, ...rest } = claim
  return {
    ...rest,
    by: by.kind,
    who: by.name ?? undefined,
    until: leaseUntil,
    session: session && `${session.agentId}#${session.session}`,
  }
}

function decodeClaim(stored: StoredClaim): Claim {
  const { by, who, until, session: named, ...rest } = stored
  const [agentId = '', session = ''] = named?.split('#') ?? []
  const ofAgent = named === undefined ? {} : { session: { agentId, session } }
  return { ...rest, by: { kind: by, name: who ?? null }, leaseUntil: until, ...ofAgent }
}

/** The run's own item, without its details. */
export function encodeRun(run: FlowRun): Omit<StoredRun, 'details' | 'detailChunks'> {
  const { phase, sort } = phaseOf(run)
  return {
    ...runKey(run.id),
    life: run.life,
    flowId: run.flowId,
    deploymentId: run.deploymentId ?? undefined,
    poolId: run.poolId ?? undefined,
    queueId: run.queueId ?? undefined,
    job: run.job ?? undefined,
    state: encodeState(run.state),
    seq: run.stateSequence,
    history: run.history.slice(-HISTORY_MAX).map(encodePast),
    generation: run.generation,
    claim: run.claim ? encodeClaim(run.claim) : undefined,
    launch: run.launch ? encodeLaunch(run.launch) : undefined,
    pastLaunches: run.pastLaunches.length > 0 ? run.pastLaunches.map(encodePastLaunch) : undefined,
    refused: run.refusedWrites.count > 0 ? encodeRefusals(run.refusedWrites) : undefined,
    refusals: run.launchRefusals || undefined,
    unanswered: run.unanswered,
    blockedBy: run.blockedBy ?? undefined,
    timeout: run.timeoutSeconds ?? undefined,
    policy: encodePolicy(run.policy),
    runCount: run.runCount || undefined,
    startAt: run.expectedStartTime,
    due: run.nextScheduledStartTime ?? undefined,
    started: run.startTime ?? undefined,
    ended: run.endTime ?? undefined,
    ranSeconds: run.totalRunTimeSeconds || undefined,
    pid: run.infrastructurePid ?? undefined,
    created: run.created,
    updated: run.updated === run.state.timestamp ? undefined : run.updated,
    revision: run.revision,
    listKey: TIME_INDEX_KEY,
    phase,
    phaseSort: sort,
  }
}

/** Only what differs from the default: every byte of a hot item counts. */
function encodePolicy(policy: FlowRun['policy']): string | undefined {
  const set = Object.entries(policy).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(NO_POLICY[name as keyof FlowRun['policy']]),
  )
  return set.length === 0 ? undefined : JSON.stringify(Object.fromEntries(set))
}

/** How the run's details are kept: in its own item, or in this many chunk items. */
export interface DetailsPlace {
  inline: string | undefined
  chunks: number
}

/** Where the details are of the run that an item holds. */
export function detailsPlaceOf(item: Record<string, unknown>): DetailsPlace {
  const { details, detailChunks } = item as unknown as StoredRun
  return { inline: details, chunks: detailChunks ?? 0 }
}

/** A run from its own item and its details. */
export function decodeRun(item: Record<string, unknown>, details: FlowRunDetails): FlowRun {
  const stored = item as unknown as StoredRun
  return {
    id: stored.pk.slice('run#'.length),
    life: stored.life,
    flowId: stored.flowId,
    deploymentId: stored.deploymentId ?? null,
    poolId: stored.poolId ?? null,
    queueId: stored.queueId ?? null,
    job: stored.job ?? null,
    state: decodeState(stored.state),
    stateSequence: stored.seq,
    history: stored.history.map(decodePast),
    generation: stored.generation,
    claim: stored.claim ? decodeClaim(stored.claim) : null,
    launch: stored.launch ? decodeLaunch(stored.launch) : null,
    pastLaunches: (stored.pastLaunches ?? []).map(decodePastLaunch),
    refusedWrites: stored.refused ? decodeRefusals(stored.refused) : NO_REFUSED_WRITES,
    launchRefusals: stored.refusals ?? 0,
    unanswered: stored.unanswered,
    blockedBy: stored.blockedBy ?? null,
    timeoutSeconds: stored.timeout ?? null,
    policy: { ...NO_POLICY, ...(JSON.parse(stored.policy ?? '{}') as Partial<FlowRun['policy']>) },
    runCount: stored.runCount ?? 0,
    expectedStartTime: stored.startAt,
    nextScheduledStartTime: stored.due ?? null,
    startTime: stored.started ?? null,
    endTime: stored.ended ?? null,
    totalRunTimeSeconds: stored.ranSeconds ?? 0,
    infrastructurePid: stored.pid ?? null,
    created: stored.created,
    updated: stored.updated ?? stored.state.at,
    revision: stored.revision,
    details,
  }
}
