import type { BodyOf } from '#shared/client/client.ts'
import type { Answer, Caller, Json } from '../outside/caller.ts'
import type { KnownDeployment, KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { propose } from './propose.ts'
import type { Scene, Verb } from './verb.ts'
import { workOn } from './work-on.ts'

/** Too long for the run's own item. */
export const LONG = 'long enough to be kept apart from the run itself '.repeat(12)
/** Too long for one item of any kind. */
const HUGE_CHARS = 400_000
const HUGE_SHARE = 0.004

/** Creates runs of a deployment, one after the other: some with a key, some due later, some with much to remember. */
export const createRuns: Verb = {
  name: 'create runs',
  weight: 46,
  async act(scene) {
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const client = scene.client()
    const count = scene.chance.whole(1, 5)
    for (let n = 0; n < count; n += 1) await create(scene, client, deployment, bodyOf(scene, deployment))
  },
}

/** Several clients create runs of one deployment at once. */
export const createBurst: Verb = {
  name: 'create a burst of runs',
  weight: 19,
  async act(scene) {
    const deployment = scene.anyDeployment()
    if (deployment) await createSome(scene, deployment, scene.chance.whole(4, 10))
  },
}

/** Creates so many runs of a deployment at once, each by a client of its own, that are due in so many seconds. */
export async function createSome(
  scene: Scene,
  deployment: KnownDeployment,
  count: number,
  seconds?: number,
): Promise<void> {
  const body = seconds === undefined ? { parameters: {} } : { parameters: {}, ...dueAt(scene.now() + seconds) }
  const all = Array.from({ length: count }, () => create(scene, scene.client(), deployment, body))
  await Promise.all(all)
}

/** Creates a run by its key, deletes it once it may have ended, and creates it by its key again: another life each time. */
export const createAgain: Verb = {
  name: 'create again by key',
  weight: 6,
  async act(scene) {
    const { chance } = scene
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const body = { idempotency_key: `again-${chance.whole(1, 2)}`, ...(chance.hits(0.3) ? laterOf(scene) : {}) }
    for (let round = chance.whole(2, 4); round > 0; round -= 1) {
      const clients = chance.hits(0.3) ? [scene.client(), scene.client()] : [scene.client()]
      const [run] = await Promise.all(clients.map((client) => create(scene, client, deployment, body)))
      await scene.sleep(chance.between(0, 60))
      if (!run) continue
      mayGo(run)
      await scene.client().call('deleteFlowRun', { id: run.id })
    }
    await create(scene, scene.client(), deployment, body)
  },
}

/** Others write a run while it is deleted and created again by its key: what they have read is of the life before. */
export const createUnderWriters: Verb = {
  name: 'create again under writers',
  weight: 4,
  async act(scene) {
    const { chance, client } = scene
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const body = { idempotency_key: 'contended', ...(chance.hits(0.7) ? laterOf(scene) : {}) }
    const run = await create(scene, client(), deployment, body)
    if (!run) return
    for (let round = chance.whole(1, 3); round > 0; round -= 1) {
      mayGo(run)
      const writes = [
        client('careless').call('updateFlowRun', { id: run.id }, { name: 'written by another' }),
        client('careless').call('setFlowRunLabels', { id: run.id }, { team: 'a' }),
        propose(scene, client('careless'), run, { type: chance.hits(0.5) ? 'CANCELLED' : 'SCHEDULED' }),
      ]
      await scene.sleep(chance.between(0, 0.5))
      await client().call('deleteFlowRun', { id: run.id })
      await create(scene, client(), deployment, body)
      await Promise.all(writes)
    }
  },
}

/** Whoever deletes a run leaves open what becomes of it: under its key there may be another soon. */
export function mayGo(run: KnownRun): void {
  run.mayBeGone = true
  run.retried = true
}

async function create(
  { known }: Scene,
  client: Caller,
  deployment: KnownDeployment,
  body: BodyOf<'createFlowRunFromDeployment'>,
): Promise<KnownRun | undefined> {
  const answer = await client.call('createFlowRunFromDeployment', { id: deployment.id }, body)
  if (answer?.status === 201) known.violations.push(...madeOtherwise(answer.body, body))
  return isMade(answer) ? known.addRun(answer.body.id as string, deployment) : undefined
}

/** In what a run that was made now is not as its maker wanted it. */
function madeOtherwise(run: Json, body: BodyOf<'createFlowRunFromDeployment'>): string[] {
  const due = body.state?.state_details?.scheduled_time
  const wanted = [
    ['idempotency_key', body.idempotency_key],
    ['expected_start_time', due],
    ['tags', body.tags],
    ['parameters', body.parameters],
  ] as const
  return wanted.flatMap(([member, value]) =>
    value === undefined || covers(run[member], value) ? [] : [`I15 run ${run.id} was made with another ${member}`],
  )
}

/** Whether something is as wanted; a deployment has tags and parameters of its own. */
function covers(made: Json, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.every((each) => made.includes(each))
  if (typeof wanted === 'object' && wanted !== null)
    return Object.entries(wanted).every(([name, value]) => JSON.stringify(made[name]) === JSON.stringify(value))
  return typeof wanted === 'string' && ISO.test(wanted)
    ? Date.parse(made as string) === Date.parse(wanted)
    : made === wanted
}

const ISO = /^\d{4}-\d\d-\d\dT/

function isMade(answer: Answer | undefined): answer is Answer {
  return answer?.status === 200 || answer?.status === 201
}

const laterOf = ({ chance, now }: Scene) => dueAt(now() + chance.between(2, 200))

function dueAt(seconds: number) {
  return { state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: isoOf(seconds) } } }
}

function bodyOf(scene: Scene, { pool }: KnownDeployment): BodyOf<'createFlowRunFromDeployment'> {
  const { chance, known } = scene
  const text = chance.hits(HUGE_SHARE) ? 'x'.repeat(HUGE_CHARS) : LONG
  const queues = known.pools.find(({ name }) => name === pool)?.queues ?? []
  return {
    parameters: chance.hits(0.3) ? { text } : {},
    ...(chance.hits(0.4) ? { idempotency_key: `key-${chance.whole(1, 6)}` } : {}),
    ...(chance.hits(0.2) ? laterOf(scene) : {}),
    ...(chance.hits(0.15) && queues.length > 0 ? { work_queue_name: chance.pick(queues) } : {}),
    ...(chance.hits(0.5)
      ? { empirical_policy: { retries: chance.whole(0, 2), retry_delay: chance.whole(0, 30) } }
      : {}),
    ...(chance.hits(0.2) ? { tags: [`t${chance.whole(1, 3)}`], labels: { team: 'a' } } : {}),
  }
}

/** Creates a run that is at work already, as whoever works on it does, or the record of one that has ended elsewhere. */
export const createAtWork: Verb = {
  name: 'create a run at work',
  weight: 4,
  async act(scene) {
    const { chance, known } = scene
    const deployment = scene.anyDeployment(({ job }) => job === 'flow')
    if (!deployment) return
    const types = ['PENDING', 'RUNNING', 'RUNNING', 'COMPLETED', 'FAILED', 'CRASHED'] as const
    const type = chance.pick(types) ?? 'RUNNING'
    const client = scene.client()
    const answer = await client.call('createFlowRun', {
      flow_id: deployment.flowId,
      deployment_id: deployment.id,
      state: { type, message: 'As reported by its process.' },
      ...(chance.hits(0.5) ? { idempotency_key: `work-${chance.whole(1, 2)}` } : {}),
    })
    if (!isMade(answer)) return
    const run = known.addRun(answer.body.id as string, deployment)
    run.worked = true
    if (type === 'PENDING' || type === 'RUNNING') await workOn(scene, client, run, type)
  },
}

/** Creates a run without a deployment: in a pool, in a queue of it, or in no pool, in its caller's process. */
export const createDirectly: Verb = {
  name: 'create a run of no deployment',
  weight: 4,
  async act(scene) {
    const { chance, known } = scene
    const [deployment] = known.deployments
    if (!deployment) return
    const pool = chance.hits(0.7) ? scene.anyPool() : undefined
    const queue = pool && chance.hits(0.5) ? chance.pick(pool.queues) : undefined
    const client = scene.client()
    const answer = await client.call('createFlowRun', {
      flow_id: deployment.flowId,
      job_variables: { command: ['true'] },
      ...(pool ? { work_pool_name: pool.name } : {}),
      ...(queue === undefined ? {} : { work_queue_name: queue }),
      ...(pool && chance.hits(0.3) ? laterOf(scene) : {}),
    })
    if (!isMade(answer)) return
    const run = known.addRun(answer.body.id as string, null)
    if (!pool) await workOn(scene, client, run, 'PENDING')
  },
}
