import { type AnyOf, combine, matchesAny, type Operator } from '#shared/filter/criterion.ts'
import type { Instant } from '#shared/instant.ts'
import { type Agent, agentStatus } from './agent.ts'

/** Which agents a list shows. */
export interface AgentFilter {
  operator?: Operator | undefined
  name?: AnyOf | undefined
  status?: AnyOf | undefined
  work_pool_name?: AnyOf | undefined
}

/** Whether an agent matches the filter; without one, all do. */
export function matchesAgent(agent: Agent, filter: AgentFilter | undefined, now: Instant): boolean {
  if (!filter) return true
  return combine(filter.operator, [
    matchesAny(agent.name, filter.name),
    matchesAny(agentStatus(agent, now), filter.status),
    matchesAny(agent.poolName, filter.work_pool_name),
  ])
}
