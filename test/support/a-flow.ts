import type { Flow } from '../../shared/flow/flow.ts'
import { FLOW_ID, T0 } from './a-run.ts'

/** The flow of `aRun` and `aDeployment`. */
export function aFlow(name = 'import'): Flow {
  return { id: FLOW_ID, name, tags: [], labels: {}, created: T0, updated: T0 }
}
