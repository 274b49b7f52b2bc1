import type { Hono } from 'hono'
import type { Room } from '#shared/agent/agent.ts'
import { matchesAgent } from '#shared/agent/agent-filter.ts'
import * as contract from '#shared/contract/agent/agent.ts'
import * as claim from '#shared/contract/agent/claim.ts'
import type { OutputOf } from '#shared/contract/endpoint.ts'
import type { Deps } from '#shared/deps.ts'
import type { ClaimCall } from '#shared/engine/agent/claim-call.ts'
import { claimWork } from '#shared/engine/agent/claim-work.ts'
import { deleteAgent, drainAgent, pauseAgent, requireAgent, resumeAgent } from '#shared/engine/agent/operate-agent.ts'
import { flowIdOf } from '#shared/flow/flow.ts'
import { listAgents } from '#shared/storage/agent/list-agents.ts'
import type { Caller } from '../caller.ts'
import { originOf } from '../named-claim.ts'
import { route } from '../route.ts'
import { agentView } from '../views/agent.ts'
import { claimView } from '../views/claim.ts'

/** Serves pushpool's agents: their claims, and what operators do with them. */
export function agentRoutes(app: Hono, deps: Deps): void {
  route(app, claim.claimWork, async ({ params, body, header, caller, callerGone }) => {
    const call = { ...callOf(body, { header, caller }), callerGone }
    return claimView(await claimWork(deps, params.name, call), deps.clock.now())
  })

  route(app, contract.listAgents, async ({ body }) => {
    const now = deps.clock.now()
    const agents = (await listAgents(deps.table)).filter((agent) => matchesAgent(agent, body.agents, now))
    return agents.slice(body.offset, body.offset + body.limit).map((agent) => agentView(agent, now))
  })

  route(app, contract.getAgent, async ({ params }) => {
    return agentView(await requireAgent(deps, params.id), deps.clock.now())
  })

  route(app, contract.pauseAgent, async ({ params, body }) => {
    const { for_seconds: forSeconds = null, note = null } = body
    return agentView(await pauseAgent(deps, params.id, { forSeconds, note }), deps.clock.now())
  })

  route(app, contract.resumeAgent, async ({ params }) => {
    return agentView(await resumeAgent(deps, params.id), deps.clock.now())
  })

  route(app, contract.drainAgent, async ({ params }) => {
    return agentView(await drainAgent(deps, params.id), deps.clock.now())
  })

  route(app, contract.deleteAgent, async ({ params }) => await deleteAgent(deps, params.id))
}

type Body = OutputOf<(typeof claim.claimWork)['body']>
type RoomIn = Body['free']

const roomOf = ({ slots, cpu, memory }: RoomIn): Room => ({ slots, cpu: cpu ?? null, memory: memory ?? null })

function callOf(body: Body, request: { header: (name: string) => string | undefined; caller: Caller }): ClaimCall {
  const { agent, flow_limits: limits, queues, match = [] } = body
  const byFlow = Object.entries(limits?.by_flow ?? {})
  return {
    agent: { id: agent.id, name: agent.name, host: agent.host ?? null, version: agent.version ?? null },
    session: body.session,
    sequence: body.sequence,
    requestId: body.request_id,
    queues,
    match,
    order: body.order,
    free: roomOf(body.free),
    capacity: roomOf(body.capacity),
    flowLimits: { each: limits?.each, byFlowId: new Map(byFlow.map(([name, limit]) => [flowIdOf(name), limit])) },
    holding: body.holding.map(({ flow_run_id: runId, generation }) => ({ runId, generation })),
    prefetchSeconds: body.prefetch_seconds,
    leaseSeconds: body.lease_seconds,
    waitSeconds: body.wait_seconds,
    draining: body.draining,
    leaving: body.leaving,
    origin: originOf(request),
  }
}
