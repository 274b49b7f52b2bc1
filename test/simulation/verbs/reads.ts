import type { Scene, Verb } from './verb.ts'

/** Reads of the kinds that consoles make: they decide nothing, and write down nothing that counts. */
const READS: readonly ((scene: Scene) => Promise<unknown>)[] = [
  async (scene) => await scene.client().call('listFlowRuns', { limit: 20 }),
  async (scene) =>
    await scene.client().call('countFlowRuns', { flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } }),
  async (scene) => await scene.client().call('paginateFlowRuns', { limit: 5 }),
  async (scene) => {
    const run = scene.anyRun()
    if (run) await scene.client().call('explainFlowRun', { id: run.id })
  },
  async (scene) => {
    const run = scene.anyRun()
    if (run) await scene.client().call('getFlowRun', { id: run.id })
  },
  async (scene) => {
    const run = scene.anyRun()
    if (run) await scene.client().call('listFlowRunStates', { flow_run_id: run.id })
  },
  async (scene) => {
    const pool = scene.anyPool()
    if (pool) await scene.client().call('getWorkPool', { name: pool.name })
  },
  async (scene) => await scene.client().call('listAllWorkQueues', {}),
  async (scene) => await scene.client().call('listTaskRuns', { limit: 5 }),
  async (scene) => await scene.client().call('listGlobalLimits', {}),
  async (scene) => await scene.client().call('listDeployments', {}),
]

export const look: Verb = {
  name: 'look',
  weight: 4,
  async act(scene) {
    await scene.chance.pick(READS)?.(scene)
  },
}
