import type { Workload } from './workload.ts'
import { agent } from './workloads/agent.ts'
import { agentMonth } from './workloads/agent-month.ts'
import { backlog } from './workloads/backlog.ts'
import { bundles } from './workloads/bundles.ts'
import { claims } from './workloads/claims.ts'
import { creates } from './workloads/creates.ts'
import { idle } from './workloads/idle.ts'
import { lifecycles } from './workloads/lifecycles.ts'
import { looks } from './workloads/looks.ts'
import { numbers } from './workloads/numbers.ts'
import { queues } from './workloads/queues.ts'
import { units } from './workloads/units.ts'

/** All workloads, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  creates,
  lifecycles,
  claims,
  backlog,
  queues,
  looks,
  units,
  idle,
  numbers,
  bundles,
  agent,
  agentMonth,
]
