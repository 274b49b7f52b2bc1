import type { AgentLog, AgentOptions } from '../agent-options.ts'
import type { Executors } from '../execute/executors.ts'
import type { Api } from '../report/api.ts'
import type { Courier } from '../report/courier.ts'
import type { LogSpool } from '../report/log-spool.ts'
import type { Lease } from './lease.ts'

/** What all holds of an agent share. */
export interface HoldParts {
  options: AgentOptions
  log: AgentLog
  api: Api
  courier: Courier
  lease: Lease
  spool: LogSpool
  executors: Executors
}
