import { isoOf } from './iso.ts'
import type { Scene, Verb } from './verb.ts'

const LONG = 'long enough to be kept apart from the run itself '.repeat(12)

/** Creates runs of a deployment: some with a key, some due later, some with much to remember. */
export const createRuns: Verb = {
  name: 'create runs',
  weight: 26,
  async act(scene) {
    const { chance, known } = scene
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const count = chance.whole(1, 6)
    const client = scene.client()
    for (let n = 0; n < count; n += 1) {
      const answer = await client.call('createFlowRunFromDeployment', { id: deployment.id }, runBody(scene, n))
      if (answer?.status === 200 || answer?.status === 201) known.addRun(answer.body.id as string, deployment)
    }
  },
}

function runBody({ chance, now }: Scene, number: number) {
  const key = chance.hits(0.5) ? { idempotency_key: `key-${chance.whole(1, 6)}` } : {}
  const due = chance.hits(0.2)
    ? {
        state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: isoOf(now() + chance.between(2, 200)) } },
      }
    : {}
  return { parameters: chance.hits(0.3) ? { text: LONG, number } : {}, ...key, ...due }
}

/** Cancels a run, as Prefect's CLI does. */
export const cancelRun: Verb = {
  name: 'cancel a run',
  weight: 4,
  async act(scene) {
    const run = scene.anyRun(({ cancelledAt }) => cancelledAt === null)
    if (!run) return
    const state = { type: 'CANCELLING' as const, message: 'Enough.', state_details: { transition_id: uuidOf(scene) } }
    const answer = await scene.client().call('setFlowRunState', { id: run.id }, { state })
    if (answer?.status === 200 || answer?.status === 201) {
      const type = answer.body.state?.type as string | undefined
      if (type === 'CANCELLING' || type === 'CANCELLED') run.cancelledAt = scene.now()
    }
  },
}

/** Schedules a run again that has ended, or one that has not. */
export const retryRun: Verb = {
  name: 'retry a run',
  weight: 3,
  async act(scene) {
    const run = scene.anyRun()
    if (!run) return
    const state = { type: 'SCHEDULED' as const, name: 'AwaitingRetry', state_details: { transition_id: uuidOf(scene) } }
    const force = scene.chance.hits(0.3)
    if (force) run.forced = true
    run.retried = true
    await scene.client().call('setFlowRunState', { id: run.id }, { state, force })
  },
}

export const changeRun: Verb = {
  name: 'change a run',
  weight: 3,
  async act(scene) {
    const { chance } = scene
    const run = scene.anyRun()
    if (!run) return
    const client = scene.client()
    if (chance.hits(0.3)) await client.call('setFlowRunLabels', { id: run.id }, { team: `t${chance.whole(1, 3)}` })
    const change = chance.pick([
      { name: `renamed-${chance.whole(1, 9)}` },
      { tags: ['nightly', `t${chance.whole(1, 3)}`] },
      { parameters: { text: chance.hits(0.5) ? LONG : 'short' } },
      { empirical_policy: { retries: chance.whole(0, 2), retry_delay: 1 } },
    ])
    await client.call('updateFlowRun', { id: run.id }, change ?? {})
  },
}

/** Deletes a run; the key that it was created with may come again. */
export const deleteRun: Verb = {
  name: 'delete a run',
  weight: 2,
  async act(scene) {
    const run = scene.anyRun()
    if (!run) return
    run.mayBeGone = true
    await scene.client().call('deleteFlowRun', { id: run.id })
  },
}

/** Resumes a paused or suspended run. */
export const resumeRun: Verb = {
  name: 'resume a run',
  weight: 3,
  async act(scene) {
    const run = scene.anyRun()
    if (run) await scene.client().call('resumeFlowRun', { id: run.id }, {})
  },
}

export function uuidOf({ chance }: Scene): string {
  const hex = Buffer.from(chance.bytes(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
