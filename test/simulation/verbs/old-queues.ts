import type { Json } from '../outside/caller.ts'
import { isoOf } from './iso.ts'
import { limitOf } from './limit-of.ts'
import type { Scene, Verb } from './verb.ts'
import { workOn } from './work-on.ts'
import { foundRun } from './workers.ts'

/** Creates, changes or deletes a queue of before there were pools; some of them name runs by a filter. */
export const changeOldQueue: Verb = {
  name: 'change an old queue',
  weight: 3,
  async act(scene) {
    const { chance, known } = scene
    const client = scene.client()
    const queue = chance.pick(known.oldQueues)
    if (!queue || chance.hits(0.5)) return await create(scene)
    const id = { id: queue.id }
    const change = chance.pick([
      { concurrency_limit: limitOf(scene) },
      { is_paused: chance.hits(0.5) },
      { priority: chance.whole(1, 4) },
    ])
    if (chance.hits(0.7)) return void (await client.call('updateWorkQueueById', id, change ?? {}))
    for (const run of known.runs.values()) if (run.deployment === null) run.retried = true
    const answer = await client.call('deleteWorkQueueById', id)
    if (answer?.status === 204) known.remove(known.oldQueues, queue)
  },
}

async function create(scene: Scene): Promise<void> {
  const { chance, known } = scene
  const name = `old-${chance.whole(1, 2)}`
  const deployment = scene.anyDeployment()
  const filter = chance.pick([
    undefined,
    undefined,
    { tags: [`t${chance.whole(1, 3)}`] },
    ...(deployment ? [{ deployment_ids: [deployment.id] }] : []),
  ])
  const body = { name, concurrency_limit: limitOf(scene) ?? undefined, ...(filter ? { filter } : {}) }
  const made = await scene.client().call('createLegacyWorkQueue', body)
  if (made?.status === 201) known.oldQueues.push({ id: made.body.id as string, name })
}

/** An agent of Prefect 2: it asks a queue by its id for runs, and works on them. At times somebody first makes it one. */
export const agent: Verb = {
  name: 'agent of a queue',
  weight: 6,
  async act(scene) {
    const { chance, known } = scene
    if (known.oldQueues.length === 0) await create(scene)
    const queue = chance.pick(known.oldQueues)
    if (!queue) return
    const client = scene.client('careless')
    const [deployment] = known.deployments
    if (deployment && chance.hits(0.5)) {
      const place = { work_queue_name: queue.name }
      const made = await client.call('createFlowRun', { flow_id: deployment.flowId, ...place })
      if (made?.status === 201) known.addRun(made.body.id as string, null)
    }
    for (let round = chance.whole(1, 3); round > 0; round -= 1) {
      const body = { limit: chance.whole(1, 4), scheduled_before: isoOf(scene.now() + 10) }
      const answer = await client.call('pollWorkQueue', { id: queue.id }, body)
      const found = answer?.status === 200 ? (answer.body as Json[]) : []
      await Promise.all(found.map((each) => workOn(scene, client, foundRun(scene, each))))
      await scene.sleep(chance.between(0, 10))
    }
  },
}
