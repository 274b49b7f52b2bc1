import * as z from 'zod/mini'
import { CLAIM_WAIT_SECONDS_MAX, SESSION_LEASE_SECONDS } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { FlowRunOut } from '#shared/contract/flow-run/flow-run.ts'
import {
  InstantOut,
  JsonObject,
  maybe,
  NameIn,
  named,
  numeric,
  TextIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'

/** How an agent asks for work: one call that claims, renews its lease, and tells it what to stop. */
const tag = 'Agents'
const QUEUES_MAX = 200
const HOLDING_MAX = 1_000
const SLOTS_MAX = 1_000
const PREFETCH_SECONDS_MAX = 3_600
const AMOUNT_MAX = 1_000_000_000

const Count = (max: number) => numeric(z.int().check(z.gte(0), z.lte(max)))
/** Units of CPU (1,024 are one vCPU) or MiB. */
const Amount = Count(AMOUNT_MAX)

/** Slots, and CPU units and MiB where the agent keeps account of them. */
const RoomIn = () => z.object({ slots: Count(SLOTS_MAX), cpu: maybe(Amount), memory: maybe(Amount) })

const FlowLimitsIn = named('FlowLimits', () =>
  z.object({
    /** For each flow that has none of its own. */
    each: maybe(numeric(z.int().check(z.gte(1), z.lte(SLOTS_MAX)))),
    by_flow: maybe(z.record(NameIn, numeric(z.int().check(z.gte(0), z.lte(SLOTS_MAX))))),
  }),
)

const ClaimIn = named('ClaimRequest', () =>
  z.object({
    agent: z.object({ id: UuidIn, name: NameIn, host: maybe(TextIn), version: maybe(TextIn) }),
    /** Another for each start of the agent. */
    session: UuidIn,
    /** That of the last answer; 0 opens the session. */
    sequence: numeric(z.int().check(z.gte(0))),
    /** Another for each call, and the same one when a call is repeated. */
    request_id: UuidIn,
    /** Names, the most urgent first; those that don't exist are created. Without any, the pool's by their priority. */
    queues: maybe(z.array(NameIn).check(z.maxLength(QUEUES_MAX))),
    /** Queues whose names begin so are served, too, and never created. */
    match: maybe(z.array(NameIn).check(z.maxLength(QUEUES_MAX))),
    order: withDefault(z.enum(['strict', 'fair']), 'strict'),
    /** What the agent has left, and what it has in all. */
    free: RoomIn(),
    capacity: RoomIn(),
    flow_limits: maybe(FlowLimitsIn),
    /** The runs whose processes live, or whose ends are not reported yet. */
    holding: withDefault(
      z
        .array(z.object({ flow_run_id: UuidIn, generation: numeric(z.int().check(z.gte(1))) }))
        .check(z.maxLength(HOLDING_MAX)),
      [],
    ),
    /** Runs are handed out so long before they are due. */
    prefetch_seconds: withDefault(numeric(z.number().check(z.gte(0), z.lte(PREFETCH_SECONDS_MAX))), 0),
    lease_seconds: withDefault(
      numeric(z.int().check(z.gte(SESSION_LEASE_SECONDS.min), z.lte(SESSION_LEASE_SECONDS.max))),
      SESSION_LEASE_SECONDS.usual,
    ),
    /** How long to wait for work, where the service can wait. */
    wait_seconds: withDefault(numeric(z.number().check(z.gte(0), z.lte(CLAIM_WAIT_SECONDS_MAX))), 0),
    /** Takes nothing more. */
    draining: withDefault(z.boolean(), false),
    /** Holds nothing, and is about to exit: the session ends. */
    leaving: withDefault(z.boolean(), false),
  }),
)

const JobOut = named('ClaimedJob', () =>
  z.object({
    /** A command's exit code decides its state; a flow reports its own. */
    kind: z.enum(['command', 'flow']),
    /** Null for a flow that Prefect itself starts. */
    command: z.nullable(z.array(z.string())),
    env: z.record(z.string(), z.string()),
    image: z.nullable(z.string()),
    cpu: z.nullable(z.int()),
    memory: z.nullable(z.int()),
    timeout_seconds: z.nullable(z.number()),
    /** The pool's job configuration, filled in with job variables, blocks and variables. */
    configuration: JsonObject,
  }),
)

const ClaimedRunOut = named('ClaimedRun', () =>
  z.object({
    flow_run: FlowRunOut,
    life: z.string(),
    generation: z.int(),
    /** By the service's clock; 0 for one that is due. */
    due_in_seconds: z.number(),
    flow_name: z.nullable(z.string()),
    deployment: z.nullable(z.object({ id: UuidOut, name: z.string(), path: z.nullable(z.string()) })),
    work_pool_type: z.string(),
    /** What becomes of the run where its agent ends before it: it is Crashed, or waits to be claimed again. */
    on_agent_lost: z.enum(['crash', 'requeue']),
    job: JobOut,
  }),
)

const StopOut = named('RunToStop', () =>
  z.object({
    flow_run_id: UuidOut,
    generation: z.int(),
    /** `lost`: the run is no longer this agent's, and its process must end without a report. */
    reason: z.enum(['cancelling', 'lost']),
    message: z.nullable(z.string()),
  }),
)

/** Who paused an agent, until when, and why; null where nothing was said. */
export const AgentPauseOut = named('AgentPause', () =>
  z.object({ since: InstantOut, until: z.nullable(InstantOut), note: z.nullable(z.string()) }),
)

const ClaimOut = named('ClaimReply', () =>
  z.object({
    /** Rises from answer to answer: an older one that arrives later must be ignored. */
    sequence: z.int(),
    /** For so long after the request was sent the agent's hold on its runs counts. */
    lease_seconds: z.number(),
    runs: z.array(ClaimedRunOut),
    stop: z.array(StopOut),
    queues: z.array(
      named('ServedQueue', () =>
        z.object({ id: UuidOut, name: z.string(), is_paused: z.boolean(), created: z.boolean() }),
      ),
    ),
    /** When the next run of these queues is due that waits now; null where none is, or not within the hour. */
    next_due_in_seconds: z.nullable(z.number()),
    /** Whether the service waited for work, so that the next call may follow at once. */
    waited: z.boolean(),
    paused: z.nullable(AgentPauseOut),
    /** An operator wants the agent to finish what it holds, and to exit. */
    drain: z.boolean(),
  }),
)

export const claimWork = endpoint({
  method: 'POST',
  path: '/work_pools/:name/claim',
  scope: 'work',
  tag,
  summary: "Claim runs for an agent, renew its session's lease, and say what it must stop. Not in Prefect.",
  params: () => z.object({ name: z.string() }),
  body: () => ClaimIn,
  reply: () => ClaimOut,
  status: 200,
})
