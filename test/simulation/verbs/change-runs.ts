import { LONG, mayGo } from './create-runs.ts'
import type { Verb } from './verb.ts'

/** PATCHes a run, whatever it is at. */
export const changeRun: Verb = {
  name: 'change a run',
  weight: 4,
  async act(scene) {
    const { chance } = scene
    const run = scene.anyRun()
    if (!run) return
    const client = scene.client()
    if (chance.hits(0.7)) await client.call('setFlowRunLabels', { id: run.id }, { team: `t${chance.whole(1, 3)}` })
    const policy = { retries: chance.whole(0, 2), retry_delay: chance.whole(0, 20) }
    const change = chance.pick([
      { name: `renamed-${chance.whole(1, 9)}` },
      { tags: ['nightly', `t${chance.whole(1, 3)}`] },
      { parameters: { text: chance.hits(0.5) ? LONG : 'short' } },
      { job_variables: { command: ['true'], env: { STEP: 'two' } } },
      { empirical_policy: policy },
      // What an old process sends back as it read it.
      { empirical_policy: { ...policy, retry_type: 'in_process' as const, resuming: true, pause_keys: ['once'] } },
    ])
    await client.call('updateFlowRun', { id: run.id }, change ?? {})
  },
}

/** Deletes a run; the key that it was created with may come again. */
export const deleteRun: Verb = {
  name: 'delete a run',
  weight: 3,
  async act(scene) {
    const run = scene.anyRun()
    if (!run) return
    mayGo(run)
    await scene.client().call('deleteFlowRun', { id: run.id })
  },
}
