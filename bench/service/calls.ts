import { type HttpClient, RequestFailed } from './http-client.ts'

/** The calls of a workload, as a Prefect worker and its flow would make them. */
export interface Calls {
  /** Creates a run of the deployment, in its own queue or in another one of its pool; answers the run's id. */
  create(deploymentId: string, queue?: string): Promise<string>
  /** Polls a pool for at most so many runs; answers their ids. */
  poll(pool: string, limit: number): Promise<string[]>
  /** Proposes a state and insists on it. */
  enter(runId: string, type: string): Promise<void>
}

/** Calls over HTTP; a state that is not accepted counts as a failed request. */
export function callsOver(client: HttpClient): Calls {
  return {
    create: async (deploymentId, queue) => {
      const path = `/deployments/${deploymentId}/create_flow_run`
      return (await client.send<{ id: string }>('POST', path, { work_queue_name: queue })).id
    },
    poll: async (pool, limit) => {
      const path = `/work_pools/${pool}/get_scheduled_flow_runs`
      const runs = await client.send<{ flow_run: { id: string } }[]>('POST', path, { limit })
      return runs.map((each) => each.flow_run.id)
    },
    enter: async (runId, type) => {
      const path = `/flow_runs/${runId}/set_state`
      const { status, details } = await client.send<{ status: string; details: unknown }>('POST', path, {
        state: { type },
      })
      if (status !== 'ACCEPT') throw new RequestFailed(`${type} of ${runId}: ${status} ${JSON.stringify(details)}`)
    },
  }
}
