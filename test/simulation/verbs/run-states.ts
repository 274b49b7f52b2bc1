import type { Answer, Caller, Json } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { isoOf } from './iso.ts'
import { propose } from './propose.ts'
import type { Scene, Verb } from './verb.ts'
import { foundRun } from './workers.ts'

/** So many people resume one run at once, at most. */
const PEOPLE_MAX = 4

/** Cancels a run, as Prefect's CLI does; mostly one that is seen at work. */
export const cancelRun: Verb = {
  name: 'cancel a run',
  weight: 19,
  async act(scene) {
    const client = scene.client()
    const seen = scene.chance.hits(0.7) ? await runAtWork(scene, client, isLaunched) : undefined
    const run = seen ?? scene.anyRun(({ cancelledAt }) => cancelledAt === null)
    if (!run) return
    const now = await propose(scene, client, run, { type: 'CANCELLING', message: 'Enough.' })
    // Some have ended before.
    if (now?.type === 'CANCELLING' || (now?.accepted && now.type === 'CANCELLED')) run.cancelledAt = scene.now()
  },
}

/** A run that is seen at work and was not cancelled; such a one as is sought, if there is one. */
async function runAtWork(scene: Scene, client: Caller, sought: (run: Json) => boolean): Promise<KnownRun | undefined> {
  const filter = { flow_runs: { state: { type: { any_: ['PENDING' as const, 'RUNNING' as const] } } }, limit: 20 }
  const listed = await client.call('listFlowRuns', filter)
  const all = listed?.status === 200 ? (listed.body as Json[]) : []
  const some = all.filter(sought)
  const one = scene.chance.pick(some.length > 0 ? some : all)
  const run = one && foundRun(scene, one)
  return run?.cancelledAt === null ? run : undefined
}

/** Whether a run is an ECS task, which somebody has to stop. */
const isLaunched = ({ infrastructure_pid }: Json): boolean => infrastructure_pid !== null
/** Whether it has a process that calls. */
const isFlow = ({ known }: Scene, { id, state_type }: Json): boolean =>
  state_type === 'RUNNING' && known.runs.get(id as string)?.deployment?.job === 'flow'

/** Schedules a run again that has ended, or one that has not; at once, or for later. */
export const retryRun: Verb = {
  name: 'retry a run',
  weight: 4,
  async act(scene) {
    const { chance } = scene
    const run = scene.anyRun()
    if (!run) return
    const force = chance.hits(0.3)
    if (force) run.forced = true
    run.retried = true
    const details = chance.hits(0.5) ? { scheduled_time: isoOf(scene.now() + chance.between(0, 120)) } : {}
    await propose(
      scene,
      scene.client(),
      run,
      { type: 'SCHEDULED', name: 'AwaitingRetry', state_details: details },
      force,
    )
  },
}

/** Forces any state on a run, whatever it is at. */
export const forceRun: Verb = {
  name: 'force a state',
  weight: 3,
  async act(scene) {
    const run = scene.anyRun()
    if (!run) return
    run.forced = true
    // What is forced to be at work is at work nowhere that the service knows.
    run.worked = true
    const types = [
      'SCHEDULED',
      'PENDING',
      'RUNNING',
      'PAUSED',
      'CANCELLING',
      'CANCELLED',
      'FAILED',
      'COMPLETED',
      'CRASHED',
    ]
    const type = (scene.chance.pick(types) ?? 'FAILED') as 'FAILED'
    await propose(scene, scene.client(), run, { type }, true)
  },
}

/** Suspends a run that is at work, and schedules it again some time later. */
export const suspendRun: Verb = {
  name: 'suspend a run',
  weight: 9,
  async act(scene) {
    const { chance } = scene
    const seen = chance.hits(0.8) ? await runAtWork(scene, scene.client(), (run) => isFlow(scene, run)) : undefined
    const run = seen ?? scene.anyRun(({ deployment }) => deployment?.job === 'flow')
    if (!run) return
    const details = { pause_reschedule: true, pause_timeout: isoOf(scene.now() + chance.between(20, 300)) }
    const paused = await propose(scene, scene.client(), run, { type: 'PAUSED', state_details: details })
    if (!paused?.accepted) return
    await scene.sleep(chance.between(2, 60))
    if (chance.hits(0.8)) await resume(scene, run)
  },
}

/** Resumes a run that a list shows as paused, or one that it suspends first. */
export const resumeRun: Verb = {
  name: 'resume a run',
  weight: 15,
  async act(scene) {
    const paused = { flow_runs: { state: { type: { any_: ['PAUSED' as const] } } } }
    const listed = scene.chance.hits(0.7) ? await scene.client().call('listFlowRuns', paused) : undefined
    const found = listed?.status === 200 ? scene.chance.pick(listed.body as Json[]) : undefined
    if (found) await resume(scene, foundRun(scene, found))
    else await suspendRun.act(scene)
  },
}

/** Resumes a run; several people may do so at once, with the same input or another. */
async function resume(scene: Scene, run: KnownRun): Promise<void> {
  const people = Array.from({ length: scene.chance.whole(1, PEOPLE_MAX) }, async () => {
    const input = scene.chance.hits(0.7) ? { run_input: { approve: scene.chance.hits(0.9) ? true : 'perhaps' } } : {}
    const answer = await scene.client().call('resumeFlowRun', { id: run.id }, input)
    scene.known.violations.push(...refusedToResume(run, answer))
  })
  await Promise.all(people)
}

/** Nobody who resumes a run may be told to resume it. */
export function refusedToResume({ id }: KnownRun, answer: Answer | undefined): string[] {
  const reason = (answer?.body?.details?.reason ?? '') as string
  return reason.includes('resume it') ? [`I7 run ${id} can't be resumed: ${reason}`] : []
}
