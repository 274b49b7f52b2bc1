import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { saveDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { ECS_PUSH } from '../../functions/api/worker-types/ecs-push.ts'

/** The objects that runs need. */
export interface Stage {
  pool: WorkPool
  queue: WorkQueue
  deployment: Deployment
}

/** Room for every run of a workload: the limits are counted exactly, and refuse none. */
export const ROOM = 1_000_000

/**
 * Sets up a pool with one queue, both with a limit, and a deployment of a plain command to it. Push pools have the job
 * template that the API gives them, as its size counts in units.
 */
export async function setStage(deps: Deps, { name, type }: { name: string; type: string }): Promise<Stage> {
  const baseJobTemplate = type === 'ecs:push' ? ECS_PUSH.default_base_job_configuration : undefined
  const pool = await createWorkPool(deps, { name, type, baseJobTemplate, concurrencyLimit: ROOM })
  const queue = await createWorkQueue(deps, name, { name: 'work', concurrencyLimit: ROOM })
  const { flow } = await ensureFlow(deps, { name: 'bench', tags: [], labels: {} })
  const change = { poolName: name, queueName: queue.name, jobVariables: { command: 'true' } }
  const { deployment } = await saveDeployment(deps, { flowId: flow.id, name, change, schedules: [] })
  return { pool, queue, deployment }
}
