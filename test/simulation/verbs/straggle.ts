import type { KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { propose } from './propose.ts'
import type { Scene } from './verb.ts'

/** The share of processes that go on after all. */
const STRAGGLES = 0.3
const SILENT_SECONDS = { min: 5, max: 240 }
const CALLS = { min: 2, max: 4 }
/** How often its run has just been sent back to wait for another process. */
const SENT_BACK = 0.5

/**
 * At times a process that is done, was refused or has let its run go stands still, and then goes on under its claim,
 * whatever its run has come to since.
 */
export async function straggle(scene: Scene, run: KnownRun, claim: string): Promise<void> {
  const { chance } = scene
  if (!chance.hits(STRAGGLES)) return
  const client = scene.client('careless', claim)
  await scene.sleep(chance.between(SILENT_SECONDS.min, SILENT_SECONDS.max))
  const id = { id: run.id }
  if (chance.hits(SENT_BACK)) await sendBack(scene, run)
  const acts = [
    () => client.call('updateFlowRun', id, { infrastructure_pid: `late-${chance.whole(1, 99)}` }),
    () => client.call('updateFlowRun', id, { empirical_policy: { retries: 9 }, tags: ['late'] }),
    () => client.call('setFlowRunLabels', id, { by: `late-${chance.whole(1, 99)}` }),
    () => client.call('resumeFlowRun', id, {}),
    () => propose(scene, client, run, { type: 'RUNNING' }),
    () => propose(scene, client, run, { type: 'RUNNING' }),
    () => propose(scene, client, run, { type: chance.hits(0.5) ? 'COMPLETED' : 'FAILED' }),
    () => propose(scene, client, run, pauseUntil(scene.now() + 60)),
  ]
  for (let left = chance.whole(CALLS.min, CALLS.max); left > 0; left -= 1) {
    await chance.pick(acts)?.()
    await scene.sleep(chance.hits(0.5) ? 0 : chance.between(0, 20))
  }
}

async function sendBack(scene: Scene, run: KnownRun): Promise<void> {
  const client = scene.client('careless')
  run.retried = true
  const resumed = await client.call('resumeFlowRun', { id: run.id }, { run_input: { approve: true } })
  if (resumed?.body?.status === 'ACCEPT') return
  await propose(scene, client, run, { type: 'SCHEDULED', name: 'AwaitingRetry' })
}

function pauseUntil(seconds: number) {
  return { type: 'PAUSED' as const, state_details: { pause_reschedule: false, pause_timeout: isoOf(seconds) } }
}
