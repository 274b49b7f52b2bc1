import type { Caller, Json } from '../outside/caller.ts'
import type { KnownDeployment, KnownPool, KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { kindOfPool } from './pools.ts'
import type { Scene, Verb } from './verb.ts'
import { workOn } from './work-on.ts'

/** Workers poll what is due this soon. */
const PREFETCH_SECONDS = 10

/** Polls a pool as a stock worker does, all of it or a queue of it, and works on what it may start. */
export const worker: Verb = {
  name: 'worker',
  weight: 11,
  async act(scene) {
    const { chance } = scene
    const pool = scene.anyPool(chance.hits(0.08) ? undefined : false)
    if (!pool) return
    await pollAndWork(scene, pool)
  },
}

/** One poll of a pool by a worker, and its work on what it got. */
export async function pollAndWork(scene: Scene, pool: KnownPool): Promise<void> {
  const client = scene.client('careless')
  await show(scene, client, pool)
  const runs = await poll(scene, client, pool)
  // A second worker may have seen the same runs.
  const others = scene.chance.hits(0.2) ? [scene.client('careless')] : []
  await Promise.all([client, ...others].flatMap((each) => runs.map((run) => workOn(scene, each, run))))
}

async function show({ chance }: Scene, client: Caller, pool: KnownPool): Promise<void> {
  const name = `w${chance.whole(1, 3)}`
  // It creates the pool that it was told to work for, if that is not there.
  if (chance.hits(0.15)) await client.call('createWorkPool', { name: pool.name, ...kindOfPool(chance, pool.push) })
  if (chance.hits(0.5)) await client.call('recordWorkerHeartbeat', { pool: pool.name }, { name })
  if (chance.hits(0.05)) await client.call('deleteWorker', { pool: pool.name, worker: name })
}

async function poll(scene: Scene, client: Caller, pool: KnownPool): Promise<KnownRun[]> {
  const { chance } = scene
  const queues = chance.hits(0.4) ? { work_queue_names: [chance.pick(pool.queues) ?? 'default'] } : {}
  const body = { limit: chance.whole(1, 5), scheduled_before: isoOf(scene.now() + PREFETCH_SECONDS), ...queues }
  const answer = await client.call('pollWorkPool', { name: pool.name }, body)
  if (answer?.status !== 200) return []
  return (answer.body as { flow_run: Json }[]).map(({ flow_run }) => foundRun(scene, flow_run))
}

/** A run as a poll answers it. */
export function foundRun({ known }: Scene, { id, deployment_id }: Json): KnownRun {
  const deployment = known.deployments.find((each) => each.id === deployment_id)
  return known.addRun(id as string, deployment ?? null)
}

/** A process that serves deployments, with a pool or without: it asks for their runs, and runs them itself. */
export const serve: Verb = {
  name: 'serve a deployment',
  weight: 4,
  async act(scene) {
    const deployment = scene.anyDeployment(({ served }) => served || scene.chance.hits(0.1))
    if (deployment) await serveDeployment(scene, deployment)
  },
}

/** Asks for the runs of a deployment once, and works on some of them. */
export async function serveDeployment(scene: Scene, { id }: KnownDeployment): Promise<void> {
  const client = scene.client('careless')
  const body = { deployment_ids: [id], scheduled_before: isoOf(scene.now() + PREFETCH_SECONDS) }
  const answer = await client.call('listScheduledFlowRuns', body)
  if (answer?.status !== 200) return
  const found = (answer.body as Json[]).slice(0, scene.chance.whole(1, 4))
  await Promise.all(found.map((each) => workOn(scene, client, foundRun(scene, each))))
}
