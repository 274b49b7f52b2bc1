import type { KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { propose } from './propose.ts'
import type { Scene } from './verb.ts'

/** The share of processes that go on after all. */
const STRAGGLES = 0.3
const SILENT_SECONDS = { min: 5, max: 240 }
const CALLS = { min: 2, max: 4 }

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
    await scene.sleep(chance.between(0, 20))
  }
}

function pauseUntil(seconds: number) {
  return { type: 'PAUSED' as const, state_details: { pause_reschedule: false, pause_timeout: isoOf(seconds) } }
}
