import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Caller, Json } from '../outside/caller.ts'
import { isoOf } from './iso.ts'
import { TYPES } from './pools.ts'
import { TIMED } from './population.ts'
import { propose } from './propose.ts'
import type { Scene } from './verb.ts'
import { foundRun } from './workers.ts'

/** What a worker that died holds ends once it has been silent for as long as its pool allows. */
const SILENT_MINUTES = 1
const ROUNDS_MAX = 40
const ROUND_SECONDS = 45
/** Rounds after which what nothing in the service looks after is cancelled by hand, and every so many again. */
const PATIENT_ROUNDS = 2
/** Rounds after which people have enough of runs that may take hours. */
const LONG_ROUNDS = 14
const PAGE = 200

/**
 * Opens all that was closed, works off what waits, and ends what only people can end: from then on nothing but time
 * stands between any run and its end. Whoever does it never dies.
 */
export async function healWorld(scene: Scene, unended: () => readonly FlowRun[]): Promise<void> {
  const client = scene.client('careful')
  for (let round = 1; round <= ROUNDS_MAX && unended().length > 0; round += 1) {
    // Looking for what is not there would be most of a world.
    const has = (test: (run: FlowRun) => boolean) => unended().some(test)
    // Once more later on: what a client was about to close when the faults ended may be closed since.
    if (round === 1 || round === PATIENT_ROUNDS) await open(scene, client)
    if (has(({ state }) => state.type === 'PAUSED')) await resumePaused(scene, client, round > PATIENT_ROUNDS)
    const waits = ({ state }: FlowRun) => state.type === 'SCHEDULED'
    if (has((run) => waits(run) && run.poolId !== null)) await workOffPools(scene, client)
    if (has((run) => waits(run) && run.poolId === null)) await workOffServed(scene, client)
    if (round % PATIENT_ROUNDS === 0) await cancelUnwatched(scene, client)
    if (round >= LONG_ROUNDS && round % PATIENT_ROUNDS === 0) await cancelLong(scene, client)
    await scene.sleep(ROUND_SECONDS)
  }
}

async function open({ known }: Scene, client: Caller): Promise<void> {
  const unlimited = { concurrency_limit: null, is_paused: false }
  for (const pool of known.pools) {
    const found = await client.call('getWorkPool', { name: pool.name })
    if (found?.status === 200) pool.push = found.body.type === TYPES.push
    else await client.call('createWorkPool', { name: pool.name, type: pool.push ? TYPES.push : TYPES.pull })
  }
  const pools = await client.call('listWorkPools', { limit: PAGE })
  for (const { name, type } of (pools?.body ?? []) as { name: string; type: string }[]) {
    const silent = type === TYPES.push ? {} : { silent_worker_minutes: SILENT_MINUTES }
    await client.call('updateWorkPool', { name }, { ...unlimited, ...silent })
  }
  const queues = await client.call('listAllWorkQueues', { limit: PAGE })
  for (const { id } of (queues?.body ?? []) as { id: string }[])
    await client.call('updateWorkQueueById', { id }, unlimited)
  const deployments = await client.call('listDeployments', { limit: PAGE })
  for (const { id } of (deployments?.body ?? []) as { id: string }[])
    await client.call('updateDeployment', { id }, { concurrency_limit: null, paused: false })
}

async function runsIn(client: Caller, types: ('SCHEDULED' | 'PAUSED' | 'PENDING' | 'RUNNING')[]): Promise<Json[]> {
  const filter = { flow_runs: { state: { type: { any_: types } } }, limit: PAGE }
  const listed = await client.call('listFlowRuns', filter)
  return listed?.status === 200 ? (listed.body as Json[]) : []
}

/** Resumes what is paused; what its process asks for may be missing, as it died, and then only people end it. */
async function resumePaused(scene: Scene, client: Caller, cancels: boolean): Promise<void> {
  for (const paused of await runsIn(client, ['PAUSED'])) {
    const run = foundRun(scene, paused)
    const answer = await client.call('resumeFlowRun', { id: run.id }, { run_input: { approve: true } })
    if (!cancels || answer?.body?.status !== 'REJECT') continue
    await propose(scene, client, run, { type: 'CANCELLING' })
  }
}

/** Claims and completes what waits in pools that launch nothing themselves. */
async function workOffPools(scene: Scene, client: Caller): Promise<void> {
  const pools = await client.call('listWorkPools', { limit: PAGE })
  for (const { name, type } of (pools?.body ?? []) as { name: string; type: string }[]) {
    if (type === TYPES.push) continue
    const answer = await client.call('pollWorkPool', { name }, { limit: PAGE })
    const found = answer?.status === 200 ? (answer.body as { flow_run: Json }[]) : []
    for (const { flow_run } of found) await complete(scene, client, flow_run)
  }
}

async function workOffServed(scene: Scene, client: Caller): Promise<void> {
  const served = scene.known.deployments.map(({ id }) => id)
  const body = { deployment_ids: served, scheduled_before: isoOf(scene.now()) }
  const answer = await client.call('listScheduledFlowRuns', body)
  const found = answer?.status === 200 ? (answer.body as Json[]) : []
  for (const each of found) if (each.work_pool_name === null) await complete(scene, client, each)
}

async function complete(scene: Scene, client: Caller, found: Json): Promise<void> {
  const run = foundRun(scene, found)
  run.worked = true
  for (const type of ['PENDING', 'RUNNING', 'COMPLETED'] as const) {
    const now = await propose(scene, client, run, { type })
    if (now?.type === 'CANCELLING') await propose(scene, client, run, { type: 'CANCELLED' })
    if (!now?.accepted) return
  }
}

/**
 * Cancels runs of no pool, and those that a client holds in a push pool: nothing tells when their processes have died.
 * What waits for a process that serves its deployment is worked off.
 */
async function cancelUnwatched(scene: Scene, client: Caller): Promise<void> {
  const pools = await client.call('listWorkPools', { limit: PAGE })
  const watched = ((pools?.body ?? []) as { name: string; type: string }[]).filter(({ type }) => type !== TYPES.push)
  const names = new Set(watched.map(({ name }) => name))
  for (const each of await runsIn(client, ['SCHEDULED', 'PAUSED', 'PENDING', 'RUNNING'])) {
    const run = foundRun(scene, each)
    const pool = each.work_pool_name as string | null
    const waits = each.state_type === 'SCHEDULED' && (pool !== null || each.deployment_id !== null)
    const unwatched = pool === null || (run.worked && !names.has(pool))
    if (waits || !unwatched) continue
    run.forced = true
    await propose(scene, client, run, { type: 'CANCELLED' }, true)
  }
}

/** Cancels what may run for hours by its own time limit, after as long as anybody waits. */
async function cancelLong(scene: Scene, client: Caller): Promise<void> {
  for (const each of await runsIn(client, ['PENDING', 'RUNNING'])) {
    const run = foundRun(scene, each)
    if (run.deployment?.name !== TIMED) continue
    await propose(scene, client, run, { type: 'CANCELLING' })
  }
}
