import type { Caller } from '../outside/caller.ts'
import type { Known } from '../outside/known.ts'
import { uuidOf } from './runs.ts'
import type { Scene } from './verb.ts'
import { serve, worker } from './workers.ts'

/** What a worker that died holds ends once it has been silent for as long as its pool allows. */
const SILENT_MINUTES = 1
const ROUNDS_MAX = 80
/** Each time after so many rounds what no pool looks after is cancelled by hand. */
const PATIENT_ROUNDS = 4
const ROUND_SECONDS = 20

/**
 * Opens all that was closed, and works off what waits: from then on nothing but time stands between any run and its end.
 */
export async function healWorld(scene: Scene, over: () => boolean): Promise<void> {
  const client = scene.client('careful')
  await openPools(scene.known, client)
  for (const { id } of scene.known.deployments)
    await client.call('updateDeployment', { id }, { concurrency_limit: null, paused: false })
  for (const { id } of scene.known.runs.values()) await client.call('resumeFlowRun', { id }, {})
  for (let round = 1; round <= ROUNDS_MAX && !over(); round += 1) {
    await Promise.all([worker.act(scene), worker.act(scene), serve.act(scene)])
    if (round % PATIENT_ROUNDS === 0) await cancelUnwatched(scene, client)
    await scene.sleep(ROUND_SECONDS)
  }
}

async function openPools(known: Known, client: Caller): Promise<void> {
  const open = { concurrency_limit: null, is_paused: false }
  for (const pool of known.pools) {
    const made = await client.call('createWorkPool', { name: pool.name, type: pool.push ? 'ecs:push' : 'process' })
    if (made?.status === 201) pool.queues = ['default']
    const silent = pool.push ? {} : { silent_worker_minutes: SILENT_MINUTES }
    await client.call('updateWorkPool', { name: pool.name }, { ...open, ...silent })
    const queues = await client.call('listWorkQueues', { pool: pool.name }, {})
    for (const { name } of (queues?.body ?? []) as { name: string }[])
      await client.call('updateWorkQueue', { pool: pool.name, queue: name }, open)
  }
}

/** Runs of no pool, and those that a worker claimed in a push pool: nothing tells when their processes have died. */
async function cancelUnwatched({ known, ...scene }: Scene, client: Caller): Promise<void> {
  const push = new Set(known.pools.filter((pool) => pool.push).map(({ name }) => name))
  for (const run of known.runs.values()) {
    const pool = run.deployment?.pool ?? null
    if (!run.worked || (pool !== null && !push.has(pool))) continue
    run.forced = true
    const state = { type: 'CANCELLED' as const, state_details: { transition_id: uuidOf({ known, ...scene }) } }
    await client.call('setFlowRunState', { id: run.id }, { state, force: true })
  }
}
