import type { Caller } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { uuidOf } from './runs.ts'
import type { Scene, Verb } from './verb.ts'

type Type = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'PAUSED'

/** Proposes a state; answers with the state that the run has then, undefined when there was no answer. */
async function propose(scene: Scene, client: Caller, run: KnownRun, type: Type, details: object = {}) {
  const state = { type, state_details: { transition_id: uuidOf(scene), ...details } }
  const answer = await client.call('setFlowRunState', { id: run.id }, { state })
  if (answer === undefined || answer.status >= 400) return undefined
  const { status, state: now } = answer.body as { status: string; state: { type: string } | null }
  return { accepted: status === 'ACCEPT', type: now?.type ?? (status === 'ACCEPT' ? type : null) }
}

/** Polls a pool as a stock worker does, and works on what it may start; at times it dies on the way. */
export const worker: Verb = {
  name: 'worker',
  weight: 8,
  async act(scene) {
    const { chance } = scene
    const pool = scene.anyPool(chance.hits(0.2) ? undefined : false)
    if (!pool) return
    const client = scene.client('careless')
    if (chance.hits(0.5))
      await client.call('recordWorkerHeartbeat', { pool: pool.name }, { name: `w${chance.whole(1, 3)}` })
    const queues = chance.hits(0.3) ? { work_queue_names: [chance.pick(pool.queues) ?? 'default'] } : {}
    const body = { limit: chance.whole(1, 4), scheduled_before: isoOf(scene.now() + 10), ...queues }
    const answer = await client.call('pollWorkPool', { name: pool.name }, body)
    if (answer?.status !== 200) return
    const found = answer.body as { flow_run: { id: string; deployment_id: string | null } }[]
    const runs = found.map(({ flow_run }) => {
      const deployment = scene.known.deployments.find(({ id }) => id === flow_run.deployment_id)
      return scene.known.addRun(flow_run.id, deployment ?? null)
    })
    await Promise.all(runs.map((run) => workOn(scene, client, run)))
  },
}

async function workOn(scene: Scene, client: Caller, run: KnownRun): Promise<void> {
  const { chance } = scene
  run.worked = true
  const pending = await propose(scene, client, run, 'PENDING')
  if (!pending?.accepted || chance.hits(0.1)) return
  await scene.sleep(chance.between(0, 8))
  const running = await propose(scene, client, run, 'RUNNING')
  if (running?.type === 'CANCELLING') await propose(scene, client, run, 'CANCELLED')
  if (!running?.accepted || chance.hits(0.1)) return
  await scene.sleep(chance.between(1, 40))
  const ended = await propose(scene, client, run, chance.hits(0.8) ? 'COMPLETED' : 'FAILED')
  if (ended?.type === 'CANCELLING') await propose(scene, client, run, 'CANCELLED')
}

/** Reports what the process of a flow does in its container: its states under its claim, with pauses and subflows. */
export async function flowProcess(scene: Scene, run: KnownRun, claim: string, seconds: number): Promise<void> {
  const { chance } = scene
  const client = scene.client('careful', claim)
  const running = await propose(scene, client, run, 'RUNNING')
  if (!running?.accepted) return
  await scene.sleep(seconds / 3)
  if (chance.hits(0.2)) {
    const reschedule = chance.hits(0.5)
    const details = {
      pause_reschedule: reschedule,
      pause_key: 'once',
      pause_timeout: isoOf(scene.now() + chance.between(20, 400)),
    }
    const paused = await propose(scene, client, run, 'PAUSED', details)
    // One that is suspended ends its process; it starts anew when it is resumed.
    if (paused?.accepted && reschedule) return
    for (let looks = 0; paused?.accepted && looks < 6; looks += 1) {
      await scene.sleep(chance.between(5, 40))
      const again = await propose(scene, client, run, 'RUNNING')
      if (again?.accepted) break
    }
  }
  if (chance.hits(0.3)) await taskRun(scene, client, run)
  await scene.sleep(seconds / 3)
  await propose(scene, client, run, chance.hits(0.8) ? 'COMPLETED' : 'FAILED')
}

async function taskRun(scene: Scene, client: Caller, run: KnownRun): Promise<void> {
  const keys = { task_key: 'step', dynamic_key: String(scene.chance.whole(0, 2)) }
  const state = { type: 'RUNNING' as const, state_details: { transition_id: uuidOf(scene) } }
  const made = await client.call('createTaskRun', { flow_run_id: run.id, ...keys, state })
  if (made === undefined || made.status >= 300) return
  const id = made.body.id as string
  scene.known.taskRuns.push({ id, runId: run.id })
  await client.call('createLogs', [
    { name: 'prefect', level: 20, message: 'at work', timestamp: isoOf(scene.now()), flow_run_id: run.id },
  ])
  if (scene.chance.hits(0.3)) await subflow(scene, client, id)
  const done = { type: 'COMPLETED' as const, state_details: { transition_id: uuidOf(scene) } }
  await client.call('setTaskRunState', { id }, { state: done })
}

/** A subflow in the same process: no pool, no slots. */
async function subflow(scene: Scene, client: Caller, parentTaskRunId: string): Promise<void> {
  const flow = scene.known.deployments[0]?.flowId
  if (flow === undefined) return
  const made = await client.call('createFlowRun', {
    flow_id: flow,
    parent_task_run_id: parentTaskRunId,
    state: { type: 'RUNNING' },
  })
  if (made === undefined || made.status >= 300) return
  const run = scene.known.addRun(made.body.id as string, null)
  run.worked = true
  await scene.sleep(scene.chance.between(1, 10))
  await propose(scene, client, run, 'COMPLETED')
}

/** A process that serves a deployment without a pool: it asks for the deployment's runs, and runs them itself. */
export const serve: Verb = {
  name: 'serve a deployment',
  weight: 3,
  async act(scene) {
    const deployment = scene.anyDeployment(({ served }) => served)
    if (!deployment) return
    const client = scene.client('careless')
    const body = { deployment_ids: [deployment.id], scheduled_before: isoOf(scene.now() + 10) }
    const answer = await client.call('listScheduledFlowRuns', body)
    if (answer?.status !== 200) return
    const found = answer.body as { id: string }[]
    await Promise.all(
      found.slice(0, 3).map(async ({ id }) => await workOn(scene, client, scene.known.addRun(id, deployment))),
    )
  },
}
