import type { BodyOf } from '#shared/client/client.ts'
import type { KnownDeployment } from '../outside/known.ts'
import { limitOf } from './limit-of.ts'
import type { Scene, Verb } from './verb.ts'

/** What people change of a deployment that is in use, the oftener the likelier. */
const CHANGES = [
  'limit',
  'limit',
  'limit',
  'collision',
  'place',
  'place',
  'pause',
  'pause',
  'pause',
  'resume',
  'resume',
  'resume',
  'upsert',
  'upsert',
  'job',
  'tags',
  'loss',
  'loss',
] as const

/** By Prefect 2's names, too. */
const PAUSES = {
  pause: ['pauseDeployment', 'setDeploymentScheduleInactive'],
  resume: ['resumeDeployment', 'setDeploymentScheduleActive'],
} as const

export const changeDeployment: Verb = {
  name: 'change a deployment',
  weight: 11,
  async act(scene) {
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const { chance } = scene
    const client = scene.client()
    const id = { id: deployment.id }
    const change = chance.pick(CHANGES) ?? 'limit'
    if (change === 'place') return await reroute(scene, deployment)
    if (change === 'pause' || change === 'resume') {
      const operations = PAUSES[change]
      return void (await client.call(chance.pick(operations) ?? operations[0], id))
    }
    if (change === 'upsert') {
      const body = { ...bodyOf(deployment), concurrency_limit: limitOf(scene) }
      return void (await client.call('createDeployment', body))
    }
    await client.call('updateDeployment', id, changeOf(scene, change))
  },
}

function changeOf(scene: Scene, change: 'limit' | 'collision' | 'job' | 'tags' | 'loss'): BodyOf<'updateDeployment'> {
  const { chance } = scene
  if (change === 'limit') return { concurrency_limit: limitOf(scene) }
  if (change === 'loss') return { on_agent_lost: chance.pick(['crash', 'requeue'] as const) ?? 'crash' }
  // A variable that it refers to may be gone by then.
  const env = chance.hits(0.3) ? { env: { BUCKET: '{{ prefect.variables.bucket }}' } } : {}
  const timeout = { timeout_seconds: chance.pick([5, 30, 60]) ?? 5 }
  if (change === 'job') return { job_variables: { command: ['true'], ...timeout, ...env } }
  if (change === 'tags') return { tags: [`t${chance.whole(1, 3)}`], parameters: { size: chance.whole(1, 3) } }
  const strategy = chance.pick(['ENQUEUE', 'CANCEL_NEW'] as const) ?? 'ENQUEUE'
  return { concurrency_limit: limitOf(scene), concurrency_options: { collision_strategy: strategy } }
}

/** What creates a deployment as it was, or brings it back to that. */
function bodyOf({ name, flowId, pool, job }: KnownDeployment): BodyOf<'createDeployment'> {
  return {
    name,
    flow_id: flowId,
    ...(pool === null ? {} : { work_pool_name: pool }),
    ...(job === 'flow' ? { entrypoint: 'flow.py:main' } : { job_variables: { command: ['true'] } }),
  }
}

/** Moves a deployment, and at times back soon, while its runs wait and are held in both places. */
async function reroute(scene: Scene, deployment: KnownDeployment): Promise<void> {
  const before = deployment.pool
  await move(scene, deployment, scene.anyPool()?.name ?? null)
  if (before === null || scene.chance.hits(0.5)) return
  await scene.sleep(scene.chance.between(0, 60))
  await move(scene, deployment, before)
}

async function move(scene: Scene, deployment: KnownDeployment, pool: string | null): Promise<void> {
  const queues = scene.known.pools.find(({ name }) => name === pool)?.queues ?? []
  const place = { work_pool_name: pool, work_queue_name: scene.chance.pick(queues) ?? 'default' }
  const answer = await scene.client().call('updateDeployment', { id: deployment.id }, place)
  if (answer?.status === 204) deployment.pool = pool
}

/** Deletes a deployment, and often creates it again, as another with its name. */
export const deleteDeployment: Verb = {
  name: 'delete a deployment',
  weight: 2,
  async act(scene) {
    const { known, chance } = scene
    const deployment = scene.anyDeployment()
    if (!deployment) return
    for (const run of known.runs.values()) {
      if (run.deployment === deployment) Object.assign(run, { mayBeGone: true, retried: true })
    }
    await scene.client().call('deleteDeployment', { id: deployment.id })
    if (!chance.hits(0.7)) return
    const body = { ...bodyOf(deployment), concurrency_limit: limitOf(scene) }
    const made = await scene.client().call('createDeployment', body)
    const id = made?.body?.id as string | undefined
    if (id !== undefined && !known.deployments.some((each) => each.id === id))
      known.deployments.push({ ...deployment, id })
  },
}

/** Keeps the schedules of a deployment. They make no runs. */
export const changeSchedule: Verb = {
  name: 'change a schedule',
  weight: 4,
  async act(scene) {
    const { chance } = scene
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const client = scene.client()
    const id = { id: deployment.id }
    const schedule = { schedule: { interval: 3600 }, slug: `s${chance.whole(1, 2)}` }
    if (chance.hits(0.6)) await client.call('createDeploymentSchedules', id, [schedule])
    const listed = await client.call('listDeploymentSchedules', id)
    const found = listed?.status === 200 ? (listed.body as { id: string }[]) : []
    const one = chance.pick(found)
    if (!one) return
    const of = { ...id, schedule_id: one.id }
    if (chance.hits(0.6)) await client.call('updateDeploymentSchedule', of, { active: chance.hits(0.5) })
    if (chance.hits(0.4)) await client.call('deleteDeploymentSchedule', of)
  },
}
