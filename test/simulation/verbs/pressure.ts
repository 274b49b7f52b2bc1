import type { Json } from '../outside/caller.ts'
import type { KnownDeployment } from '../outside/known.ts'
import { createSome } from './create-runs.ts'
import type { Scene, Verb } from './verb.ts'
import { workOn } from './work-on.ts'
import { foundRun, pollAndWork, serveDeployment } from './workers.ts'

/** Opens and closes a place every few seconds, while runs are created there and workers ask for them. */
export const flicker: Verb = {
  name: 'open and close a place',
  weight: 4,
  async act(scene) {
    const { chance, known } = scene
    const deployment = scene.anyDeployment(({ pool }) => pool !== null)
    const pool = known.pools.find(({ name }) => name === deployment?.pool)
    if (!deployment || !pool) return
    const client = scene.client()
    const queue = chance.hits(0.5) ? chance.pick(pool.queues) : undefined
    const closes = chance.pick([{ is_paused: true }, { is_paused: true }, { concurrency_limit: 1 }]) ?? {}
    const opens = 'is_paused' in closes ? { is_paused: false } : { concurrency_limit: 4 }
    for (let round = chance.whole(4, 8); round > 0; round -= 1) {
      const work = atWork(scene, deployment, chance.whole(1, 3))
      for (const change of [opens, closes, opens]) {
        if (queue === undefined) await client.call('updateWorkPool', { name: pool.name }, change)
        else await client.call('updateWorkQueue', { pool: pool.name, queue }, change)
        await scene.sleep(chance.between(0, 3))
      }
      await work
    }
  },
}

/** Gives a deployment its first limit while its runs are claimed, and maybe takes it away and gives it again. */
export const limitFirst: Verb = {
  name: 'limit a deployment for the first time',
  weight: 4,
  async act(scene) {
    const { chance, known } = scene
    const like = scene.anyDeployment()
    if (!like) return
    const name = `fresh-${chance.whole(1, 1_000)}`
    const made = await scene.client().call('createDeployment', {
      name,
      flow_id: like.flowId,
      ...(like.pool === null ? {} : { work_pool_name: like.pool }),
      ...(like.job === 'flow' ? { entrypoint: 'flow.py:main' } : { job_variables: { command: ['true'] } }),
    })
    if (made?.status !== 201) return
    const deployment = { ...like, name, id: made.body.id as string }
    known.deployments.push(deployment)
    const work = atWork(scene, deployment, chance.whole(4, 9))
    await scene.sleep(chance.between(0, 6))
    for (let round = chance.whole(1, 3); round > 0; round -= 1) {
      const limit = chance.pick([1, 1, 2, null]) ?? null
      await scene.client().call('updateDeployment', { id: deployment.id }, { concurrency_limit: limit })
      await scene.sleep(chance.between(0, 10))
      if (round === 2) await createSome(scene, deployment, chance.whole(1, 3))
    }
    await work
  },
}

/** Many workers go for whatever waits at once, each by what it saw some time ago: more than there are slots. */
export const crowd: Verb = {
  name: 'crowd',
  weight: 5,
  async act(scene) {
    const { chance, client, sleep } = scene
    const waiting = { state: { type: { any_: ['SCHEDULED' as const] } } }
    const pull = chance.hits(0.8) ? { work_pools: { name: { any_: pullPools(scene) } } } : {}
    const listed = await client('careless').call('listFlowRuns', { flow_runs: waiting, ...pull, limit: 12 })
    if (listed?.status !== 200) return
    await sleep(chance.between(0, 5))
    const runs = (listed.body as Json[]).map((each) => foundRun(scene, each))
    await Promise.all(runs.map((run) => workOn(scene, client('careless'), run)))
  },
}

function pullPools({ known }: Scene): string[] {
  return known.pools.filter(({ push }) => !push).map(({ name }) => name)
}

/** Creates runs of a deployment at once, and where nothing launches them, workers that take them, each by itself. */
async function atWork(scene: Scene, deployment: KnownDeployment, runs: number): Promise<void> {
  const pool = scene.known.pools.find(({ name }) => name === deployment.pool)
  const workers = pool?.push ? [] : [1, 2]
  await createSome(scene, deployment, runs)
  await Promise.all(workers.map(() => (pool ? pollAndWork(scene, pool) : serveDeployment(scene, deployment))))
}
