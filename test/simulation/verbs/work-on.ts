import type { Caller } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { propose } from './propose.ts'
import type { Scene } from './verb.ts'

/** How often a worker dies before each of its steps, and how often one that seemed dead goes on minutes later. */
const DIES = 0.08
const COMES_BACK = 0.4
/** And how often one works for minutes. */
const LONG = 0.12

/**
 * Works on a run from outside as stock workers do: claims it, starts it, reports its end. At each step it may die, or
 * stand still for minutes and then go on as if nothing had happened.
 */
export async function workOn(
  scene: Scene,
  client: Caller,
  run: KnownRun,
  state: 'SCHEDULED' | 'PENDING' | 'RUNNING' = 'SCHEDULED',
): Promise<void> {
  const { chance } = scene
  const diesNow = async () => {
    if (!chance.hits(DIES)) return false
    if (!chance.hits(COMES_BACK)) return true
    await scene.sleep(chance.between(30, 240))
    return false
  }
  if (state === 'SCHEDULED') {
    const pending = await propose(scene, client, run, { type: 'PENDING' })
    // Without an answer it may hold the run, too.
    run.worked ||= pending?.accepted ?? true
    if (!pending?.accepted || (await diesNow())) return
  }
  if (state !== 'RUNNING') {
    await scene.sleep(chance.between(0, 8))
    const running = await start(scene, client, run)
    if (running?.type === 'CANCELLING') await propose(scene, client, run, { type: 'CANCELLED' })
    if (!running?.accepted || (await diesNow())) return
  }
  await scene.sleep(chance.between(1, 30))
  if (await diesNow()) return
  if (chance.hits(LONG)) await stayAtWork(scene, client, run)
  await end(scene, client, run)
}

/** Works for minutes, and shows in calls alone that it lives. */
async function stayAtWork({ chance, sleep }: Scene, client: Caller, run: KnownRun): Promise<void> {
  for (let left = chance.whole(4, 8); left > 0; left -= 1) {
    await sleep(chance.between(10, 30))
    await client.call('setFlowRunLabels', { id: run.id }, { left: String(left) })
  }
}

/** Starts a run, at its time if that has not come. */
async function start(scene: Scene, client: Caller, run: KnownRun) {
  const first = await propose(scene, client, run, { type: 'RUNNING' })
  if (!first || first.waitSeconds === 0) return first
  await scene.sleep(first.waitSeconds)
  return await propose(scene, client, run, { type: 'RUNNING' })
}

/** Reports an end; where the service answers a failure by a retry in this process, that is made, once. */
async function end(scene: Scene, client: Caller, run: KnownRun): Promise<void> {
  const { chance } = scene
  const type = chance.hits(0.5) ? 'COMPLETED' : chance.hits(0.85) ? 'FAILED' : 'CRASHED'
  const ended = await propose(scene, client, run, { type })
  if (ended?.type === 'CANCELLING') await propose(scene, client, run, { type: 'CANCELLED' })
  if (ended?.type !== 'SCHEDULED' || chance.hits(DIES)) return
  await scene.sleep(chance.between(0, 40))
  const again = await start(scene, client, run)
  if (!again?.accepted) return
  await scene.sleep(chance.between(1, 20))
  await propose(scene, client, run, { type: 'COMPLETED' })
}
