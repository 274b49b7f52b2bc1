import type { Hono } from 'hono'
import * as deployments from '#shared/contract/deployment/deployment.ts'
import * as flows from '#shared/contract/flow/flow.ts'
import * as flowRuns from '#shared/contract/flow-run/flow-run.ts'
import * as workPools from '#shared/contract/work-pool/work-pool.ts'
import * as workQueues from '#shared/contract/work-pool/work-queue.ts'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { deleteFlow } from '#shared/engine/flow/delete-flow.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import { fenceOf } from '../named-claim.ts'
import { route } from '../route.ts'

/** Serves the deletes of what runs need: seldom called, and much code. */
export function deleteRoutes(app: Hono, deps: Deps): void {
  route(app, workPools.deleteWorkPool, ({ params }) => deleteWorkPool(deps, params.name))

  route(app, workQueues.deleteWorkQueue, async ({ params }) => {
    await deleteWorkQueue(deps, await requireQueue(deps, params.pool, params.queue))
  })

  route(app, flows.deleteFlow, ({ params }) => deleteFlow(deps, params.id))

  route(app, deployments.deleteDeployment, ({ params }) => deleteDeployment(deps, params.id))

  route(app, flowRuns.deleteFlowRun, ({ params, header }) =>
    deleteFlowRun(deps, params.id, fenceOf({ header }, params.id)),
  )
}
