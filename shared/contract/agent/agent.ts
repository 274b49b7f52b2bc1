import * as z from 'zod/mini'
import { AGENT_PAUSE_SECONDS_MAX } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { namedFilter, OperatorIn, StringFilter } from '#shared/contract/filter.ts'
import { InstantOut, maybe, named, numeric, PageIn, TextIn, UuidIn, UuidOut } from '#shared/contract/wire.ts'
import { AgentPauseOut } from './claim.ts'

const tag = 'Agents'
const params = () => z.object({ id: UuidIn })

const AgentRoomOut = named('AgentRoom', () =>
  z.object({ slots: z.int(), cpu: z.nullable(z.int()), memory: z.nullable(z.int()) }),
)

const AgentOut = named('Agent', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    name: z.string(),
    work_pool_id: UuidOut,
    work_pool_name: z.string(),
    queues: z.array(z.string()),
    host: z.nullable(z.string()),
    version: z.nullable(z.string()),
    /** `LOST`: its lease ran out while it held runs. */
    status: z.enum(['ONLINE', 'PAUSED', 'DRAINING', 'OFFLINE', 'LOST']),
    capacity: AgentRoomOut,
    last_seen: InstantOut,
    /** Null while it holds nothing. */
    lease_until: z.nullable(InstantOut),
    holds: z.array(named('AgentHold', () => z.object({ flow_run_id: UuidOut, generation: z.int(), flow_id: UuidOut }))),
    paused: z.nullable(AgentPauseOut),
    draining: z.boolean(),
  }),
)

export const listAgents = endpoint({
  method: 'POST',
  path: '/agents/filter',
  scope: 'work',
  tag,
  summary: 'List agents by name. Not in Prefect.',
  body: () =>
    named('AgentListRequest', () =>
      z.object({
        agents: namedFilter('AgentFilter', () => ({
          operator: OperatorIn,
          name: StringFilter,
          status: StringFilter,
          work_pool_name: StringFilter,
        })),
        ...PageIn,
      }),
    ),
  reply: () => z.array(AgentOut),
  status: 200,
})

export const getAgent = endpoint({
  method: 'GET',
  path: '/agents/:id',
  scope: 'work',
  tag,
  summary: 'Get an agent. Not in Prefect.',
  params,
  reply: () => AgentOut,
  status: 200,
})

export const pauseAgent = endpoint({
  method: 'POST',
  path: '/agents/:id/pause',
  scope: 'operate',
  tag,
  summary: 'Hand nothing more to an agent, for a time or until it is resumed; what it holds goes on. Not in Prefect.',
  params,
  body: () =>
    named('AgentPauseRequest', () =>
      z.object({
        for_seconds: maybe(numeric(z.number().check(z.gt(0), z.lte(AGENT_PAUSE_SECONDS_MAX)))),
        note: maybe(TextIn),
      }),
    ),
  reply: () => AgentOut,
  status: 200,
})

export const resumeAgent = endpoint({
  method: 'POST',
  path: '/agents/:id/resume',
  scope: 'operate',
  tag,
  summary: 'End the pause of an agent. Not in Prefect.',
  params,
  reply: () => AgentOut,
  status: 200,
})

export const drainAgent = endpoint({
  method: 'POST',
  path: '/agents/:id/drain',
  scope: 'operate',
  tag,
  summary: 'Have an agent finish what it holds, take nothing more, and exit. Not in Prefect.',
  params,
  reply: () => AgentOut,
  status: 200,
})

export const deleteAgent = endpoint({
  method: 'DELETE',
  path: '/agents/:id',
  scope: 'operate',
  tag,
  summary: 'Forget an agent; what it holds ends with its lease, and one that still runs comes back. Not in Prefect.',
  params,
  status: 204,
})
