import type { Caller } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { type Proposed, propose } from './propose.ts'
import { straggle } from './straggle.ts'
import { runTask } from './task-runs.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene } from './verb.ts'

/** A flow starts in a process at most this often: it first runs, and is retried. */
const STARTS_MAX = 3
/** A process that falls silent, and one that is cut off and reports long after its container has ended. */
const FALLS_SILENT = 0.08
const REPORTS_LATE = 0.1

/** Reports what the process of a flow does in its container, and what it may do long after. */
export async function flowProcess(scene: Scene, run: KnownRun, claim: string, seconds: number): Promise<void> {
  await workAsFlow(scene, run, claim, seconds)
  await straggle(scene, run, claim)
}

/** States under its claim, with pauses, tasks and retries. */
export async function workAsFlow(scene: Scene, run: KnownRun, claim: string, seconds: number): Promise<void> {
  const { chance } = scene
  const client = scene.client('careful', claim)
  for (let start = 1; start <= STARTS_MAX; start += 1) {
    const running = await propose(scene, client, run, { type: 'RUNNING' })
    if (running && running.waitSeconds > 0) {
      await scene.sleep(running.waitSeconds)
      continue
    }
    if (!running?.accepted || chance.hits(FALLS_SILENT)) return
    await scene.sleep(seconds / 3)
    if (chance.hits(0.25) && !(await pause(scene, client, run))) return
    if (chance.hits(0.35)) await runTask(scene, client, run)
    await scene.sleep(chance.hits(REPORTS_LATE) ? chance.between(30, 300) : seconds / 3)
    await note(scene, client, run)
    const ended = await propose(scene, client, run, { type: chance.hits(0.5) ? 'COMPLETED' : 'FAILED' })
    if (ended?.type === 'CANCELLING') await propose(scene, client, run, { type: 'CANCELLED' })
    if (ended?.type !== 'SCHEDULED') return
    await scene.sleep(chance.between(0, 30))
  }
}

/** Pauses in the process, or ends it to be started anew; false when the process is over. */
async function pause(scene: Scene, client: Caller, run: KnownRun): Promise<boolean> {
  const { chance } = scene
  const suspends = chance.hits(0.4)
  const keys = chance.hits(0.4) ? inputKeys(scene) : undefined
  // Some are over before the process looks, and before a sweep comes.
  const seconds = chance.hits(0.3) ? chance.between(2, 10) : chance.between(20, 240)
  const timeout = chance.hits(0.8) ? { pause_timeout: isoOf(scene.now() + seconds) } : {}
  const keyset = keys ? { run_input_keyset: keys } : {}
  const details = { pause_reschedule: suspends, pause_key: 'once', ...timeout, ...keyset }
  const paused = await propose(scene, client, run, { type: 'PAUSED', state_details: details })
  if (!paused?.accepted) return true
  if (keys) await client.call('createFlowRunInput', { id: run.id }, { key: keys.schema, value: SCHEMA })
  if (suspends) return false
  for (let looks = 0; looks < 6; looks += 1) {
    await scene.sleep(chance.between(5, 40))
    const again: Proposed | undefined = await propose(scene, client, run, { type: 'RUNNING' })
    if (!again?.accepted) continue
    // The code of a flow comes by its pause once more, where its process runs it again.
    return !(
      chance.hits(0.4) && (await propose(scene, client, run, { type: 'PAUSED', state_details: details }))?.accepted
    )
  }
  return chance.hits(0.5)
}

/** What a pause may ask of who resumes it. */
const SCHEMA = JSON.stringify({ type: 'object', properties: { approve: { type: 'boolean' } } })

/** Where a pause keeps what it asks for, which it says once it is stored (as Prefect's pause_flow_run does). */
function inputKeys({ chance }: Scene): { schema: string; response: string } {
  const name = `pause-${chance.whole(1, 2)}`
  return { schema: `${name}-schema`, response: `${name}-response` }
}

/** Logs, an artifact, an input that it waits for: what processes of flows leave beside their states. */
async function note(scene: Scene, client: Caller, run: KnownRun): Promise<void> {
  const { chance } = scene
  const line = { name: 'prefect', level: 20, message: 'at work', timestamp: isoOf(scene.now()), flow_run_id: run.id }
  if (chance.hits(0.3)) await client.call('createLogs', [line])
  if (chance.hits(0.2)) {
    const made = await client.call('createArtifact', {
      key: 'report',
      type: 'markdown',
      data: 'all',
      flow_run_id: run.id,
    })
    const id = made?.status === 201 ? (made.body.id as string) : uuidOf(scene)
    if (chance.hits(0.5)) await client.call('updateArtifact', { id }, { data: 'all of it' })
    if (chance.hits(0.3)) await client.call('deleteArtifact', { id })
  }
  if (chance.hits(0.15)) {
    const key = `note-${chance.whole(1, 2)}`
    await client.call('createFlowRunInput', { id: run.id }, { key, value: '1' })
    await client.call('getFlowRunInput', { id: run.id, key })
    if (chance.hits(0.5)) await client.call('deleteFlowRunInput', { id: run.id, key })
  }
  if (chance.hits(0.2))
    await client.call('updateFlowRun', { id: run.id }, { infrastructure_pid: '1', flow_version: '2' })
}
