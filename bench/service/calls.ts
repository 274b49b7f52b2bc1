import type { StateType } from '#shared/flow-run/state.ts'
import { type HttpClient, RequestFailed } from './http-client.ts'

/** The calls of a workload, as a Prefect worker and its flow make them. */
export interface Calls {
  /** Creates a run of the deployment, in its own queue or in another one of its pool; answers the run's id. */
  create(deploymentId: string, queue?: string): Promise<string>
  /** Polls a pool for at most so many runs; answers their ids. */
  poll(pool: string, limit: number): Promise<string[]>
  /** Proposes a state and insists on it. */
  enter(runId: string, type: StateType): Promise<void>
}

/** Calls over HTTP; a state that is not accepted counts as a failed request. */
export function callsOver(client: HttpClient): Calls {
  return {
    create: async (deploymentId, queue) => {
      return (await client.call('createFlowRunFromDeployment', { id: deploymentId }, { work_queue_name: queue })).id
    },
    poll: async (pool, limit) => {
      const runs = await client.call('pollWorkPool', { name: pool }, { limit })
      return runs.map((each) => each.flow_run.id)
    },
    enter: async (runId, type) => {
      const { status, details } = await client.call('setFlowRunState', { id: runId }, { state: { type } })
      if (status !== 'ACCEPT') throw new RequestFailed(`${type} of ${runId}: ${status} ${JSON.stringify(details)}`)
    },
  }
}
