import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Caller, Json } from '../outside/caller.ts'
import { isoOf } from './iso.ts'
import { kindOfPool, TYPES } from './pools.ts'
import { propose } from './propose.ts'
import { refusedToResume } from './run-states.ts'
import type { Scene } from './verb.ts'
import { foundRun } from './workers.ts'

/** What a worker that died holds ends once it has been silent for as long as its pool allows. */
const SILENT_MINUTES = 1
const ROUNDS_MAX = 60
/** More than once: what a client was about to close when the faults ended may be closed since. */
const OPENING_ROUNDS = new Set([1, 4, 12])
const ROUND_SECONDS = 45
/** Rounds after which what nothing in the service looks after is cancelled by hand, and every so many again. */
const PATIENT_ROUNDS = 2
/** Rounds after which people have enough of runs that may take hours; in some worlds they wait for the end of a time limit. */
const LONG_ROUNDS = { usual: 3, patient: 32 }
const PATIENT_SHARE = 0.08
/** In these worlds nobody cancels a run whose task ended unheard: the service has to find out, a quarter of an hour later. */
const UNHEARD_SHARE = 0.25
const PAGE = 200

/** What whoever heals a world sees of it beside what the service answers. */
export interface Outlook {
  unended: () => readonly FlowRun[]
  /** Whether a task of the run is alive. */
  isAtWork: (runId: string) => boolean
  /** Whether nothing is left to heal, nor anything under way that may leave something. */
  isOver: () => boolean
}

/**
 * Opens all that was closed, works off what waits, and ends what only people can end: from then on nothing but time
 * stands between any run and its end. Whoever does it never dies.
 */
export async function healWorld(scene: Scene, { unended, isAtWork, isOver }: Outlook): Promise<void> {
  const client = scene.client('careful')
  const longRounds = LONG_ROUNDS[scene.chance.hits(PATIENT_SHARE) ? 'patient' : 'usual']
  const isLong = scene.chance.hits(UNHEARD_SHARE) ? ({ id }: FlowRun) => isAtWork(id) : hasTask
  for (let round = 1; round <= ROUNDS_MAX && !isOver(); round += 1) {
    // Looking for what is not there would be most of a world.
    const has = (test: (run: FlowRun) => boolean) => unended().some(test)
    if (OPENING_ROUNDS.has(round)) await open(scene, client, unended())
    if (has(({ state }) => state.type === 'PAUSED')) await resumePaused(scene, client, round > PATIENT_ROUNDS)
    const waits = ({ state }: FlowRun) => state.type === 'SCHEDULED'
    if (has((run) => waits(run) && run.poolId !== null)) await workOffPools(scene, client)
    if (has((run) => waits(run) && run.poolId === null)) await workOffServed(scene, client)
    if (round % PATIENT_ROUNDS === 0 && has(isUnwatched)) await cancelUnwatched(scene, client)
    if (round >= longRounds && round % PATIENT_ROUNDS === 0 && has(isLong))
      await cancelLong(
        scene,
        client,
        new Set(
          unended()
            .filter(isLong)
            .map(({ id }) => id),
        ),
      )
    await scene.sleep(ROUND_SECONDS)
  }
}

/** Whether a run may be one that nothing in the service looks after: of no pool and begun, or held by a client. */
function isUnwatched({ state, poolId, deploymentId, claim, launch }: FlowRun): boolean {
  if (poolId === null) return state.type !== 'SCHEDULED' || deploymentId === null || claim !== null
  return claim !== null && launch === null
}

const hasTask = ({ launch }: FlowRun): boolean => launch !== null

/** Opens what runs wait behind, or may come to wait. */
async function open({ known, chance }: Scene, client: Caller, unended: readonly FlowRun[]): Promise<void> {
  const types = new Map((await poolsOf(client)).map(({ name, type }) => [name, type]))
  for (const pool of known.pools) {
    const type = types.get(pool.name)
    if (type !== undefined) pool.push = type === TYPES.push
    else await client.call('createWorkPool', { name: pool.name, ...kindOfPool(chance, pool.push) })
  }
  const places = new Set(unended.flatMap(({ poolId, queueId, deploymentId }) => [poolId, queueId, deploymentId]))
  await forEachListed(client, 'listWorkPools', async ({ id, name, type, silent_worker_minutes: silent, ...pool }) => {
    if (!places.has(id)) return
    const tells = type === TYPES.push || silent === SILENT_MINUTES ? {} : { silent_worker_minutes: SILENT_MINUTES }
    if (isClosed(pool) || Object.keys(tells).length > 0)
      await client.call('updateWorkPool', { name }, { ...OPEN, ...tells })
  })
  await forEachListed(client, 'listAllWorkQueues', async ({ id, ...queue }) => {
    if (places.has(id) && isClosed(queue)) await client.call('updateWorkQueueById', { id }, OPEN)
  })
  await forEachListed(client, 'listDeployments', async ({ id, paused, global_concurrency_limit: limit }) => {
    if (places.has(id) && (paused || limit !== null))
      await client.call('updateDeployment', { id }, { concurrency_limit: null, paused: false })
  })
}

/** What keeps nothing from starting. Whatever is open already is left alone, as each change has all of a pool looked through. */
const OPEN = { concurrency_limit: null, is_paused: false }
const isClosed = ({ is_paused, concurrency_limit }: Json): boolean => is_paused || concurrency_limit !== null

async function forEachListed(
  client: Caller,
  operation: 'listWorkPools' | 'listAllWorkQueues' | 'listDeployments',
  act: (each: Json) => Promise<void>,
): Promise<void> {
  const listed = await client.call(operation, { limit: PAGE })
  for (const each of (listed?.body ?? []) as Json[]) await act(each)
}

async function runsIn(client: Caller, types: ('SCHEDULED' | 'PAUSED' | 'PENDING' | 'RUNNING')[]): Promise<Json[]> {
  const filter = { flow_runs: { state: { type: { any_: types } } }, limit: PAGE }
  const listed = await client.call('listFlowRuns', filter)
  return listed?.status === 200 ? (listed.body as Json[]) : []
}

/**
 * Resumes what is paused. What its process asks for may be missing, as it died, and its deployment may be gone: then only
 * people end it.
 */
async function resumePaused(scene: Scene, client: Caller, cancels: boolean): Promise<void> {
  for (const paused of await runsIn(client, ['PAUSED'])) {
    const run = foundRun(scene, paused)
    const answer = await client.call('resumeFlowRun', { id: run.id }, { run_input: { approve: true } })
    scene.known.violations.push(...refusedToResume(run, answer))
    if (!cancels || !isRefusedForGood(answer?.body)) continue
    await propose(scene, client, run, { type: 'CANCELLING' })
  }
}

function isRefusedForGood({ status, details }: Json = {}): boolean {
  return status === 'REJECT' || (status === 'ABORT' && String(details.reason).endsWith('was deleted.'))
}

async function poolsOf(client: Caller): Promise<{ name: string; type: string }[]> {
  const pools = await client.call('listWorkPools', { limit: PAGE })
  return pools?.status === 200 ? (pools.body as { name: string; type: string }[]) : []
}

/** Claims and completes what waits in pools that launch nothing themselves. */
async function workOffPools(scene: Scene, client: Caller): Promise<void> {
  for (const { name, type } of await poolsOf(client)) {
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
  const watched = (await poolsOf(client)).filter(({ type }) => type !== TYPES.push)
  const names = new Set(watched.map(({ name }) => name))
  for (const each of await runsIn(client, ['SCHEDULED', 'PAUSED', 'PENDING', 'RUNNING'])) {
    const run = foundRun(scene, each)
    const pool = each.work_pool_name as string | null
    const unwatched = pool === null || (run.worked && !names.has(pool))
    // A retry is for the process that failed, which may be gone.
    const retries = unwatched && each.state_name === 'AwaitingRetry'
    const waits = each.state_type === 'SCHEDULED' && !retries && (pool !== null || each.deployment_id !== null)
    if (waits || !unwatched) continue
    run.forced = true
    await propose(scene, client, run, { type: 'CANCELLED' }, true)
  }
}

/** Cancels those of the runs that are at work, after as long as anybody waits for that. */
async function cancelLong(scene: Scene, client: Caller, long: ReadonlySet<string>): Promise<void> {
  for (const each of await runsIn(client, ['PENDING', 'RUNNING'])) {
    const run = foundRun(scene, each)
    if (long.has(run.id)) await propose(scene, client, run, { type: 'CANCELLING' })
  }
}
