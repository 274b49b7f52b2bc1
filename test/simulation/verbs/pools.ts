import type { BodyOf } from '#shared/client/client.ts'
import type { Chance } from '../machine/chance.ts'
import type { KnownPool } from '../outside/known.ts'
import { limitOf } from './limit-of.ts'
import type { Scene, Verb } from './verb.ts'

export const TYPES = { push: 'ecs:push', pull: 'process' }
/** As much of a template as jobs of a world need; the usual one, many times as long, would be read and filled in all the time. */
const BRIEF = {
  job_configuration: { command: '{{ command }}', env: '{{ env }}', timeout_seconds: '{{ timeout_seconds }}' },
  variables: {
    type: 'object',
    properties: { command: { type: 'array' }, env: { type: 'object' }, timeout_seconds: { type: 'number' } },
  },
}
const USUAL_SHARE = 0.1

/** What a pool is created as. */
export function kindOfPool(
  chance: Chance,
  push: boolean,
): Pick<BodyOf<'createWorkPool'>, 'type' | 'base_job_template'> {
  if (!push) return { type: TYPES.pull }
  return { type: TYPES.push, ...(chance.hits(USUAL_SHARE) ? {} : { base_job_template: BRIEF }) }
}

/** How often it is one that nobody uses. */
const SPARE_SHARE = 0.4

export const changePool: Verb = {
  name: 'change a pool',
  weight: 7,
  async act(scene) {
    const pool = scene.anyPool()
    const { chance } = scene
    if (!pool || chance.hits(SPARE_SHARE)) return await makeSparePool(scene)
    const change = chance.pick([
      { concurrency_limit: limitOf(scene) },
      { concurrency_limit: limitOf(scene) },
      { is_paused: chance.hits(0.5) },
      { description: 'changed' },
      ...(pool.push ? [] : [{ silent_worker_minutes: chance.hits(0.6) ? chance.whole(1, 5) : null }]),
    ])
    await scene.client().call('updateWorkPool', { name: pool.name }, change ?? {})
  },
}

/** Makes a pool that nobody uses, which may be there already, and mostly deletes it. */
async function makeSparePool({ chance, client }: Scene): Promise<void> {
  const name = `spare-${chance.whole(1, 2)}`
  await client().call('createWorkPool', { name, ...kindOfPool(chance, chance.hits(0.5)) })
  if (chance.hits(0.6)) await client().call('deleteWorkPool', { name })
}

/** Deletes a pool, and often creates it again under its name, at times as one of another type. */
export const deletePool: Verb = {
  name: 'delete a pool',
  weight: 2,
  async act(scene) {
    const { chance } = scene
    const pool = scene.anyPool()
    if (!pool) return
    const client = scene.client()
    if (chance.hits(0.5)) await cancelHeld(scene, pool)
    markWaiting(scene, pool)
    const answer = await client.call('deleteWorkPool', { name: pool.name })
    if (answer?.status === 204) pool.queues = ['default']
    await scene.sleep(chance.hits(0.5) ? 0 : chance.between(0, 40))
    if (chance.hits(0.75)) await createPool(scene, pool)
  },
}

async function createPool(scene: Scene, pool: KnownPool): Promise<void> {
  const push = scene.chance.hits(0.2) ? !pool.push : pool.push
  const body = { name: pool.name, ...kindOfPool(scene.chance, push), concurrency_limit: limitOf(scene) ?? undefined }
  const made = await scene.client().call('createWorkPool', body)
  if (made?.status === 201) pool.push = push
}

/** A pool is deleted once nothing is held in it, so whoever wants it gone cancels what is. */
async function cancelHeld({ known, client, sleep, chance, now }: Scene, pool: KnownPool): Promise<void> {
  const caller = client()
  await caller.call('updateWorkPool', { name: pool.name }, { is_paused: true })
  const slots = await caller.call('getWorkPoolSlots', { name: pool.name }, {})
  if (slots?.status !== 200) return
  for (const run of known.runs.values()) {
    if (run.deployment?.pool !== pool.name || run.cancelledAt !== null || !chance.hits(0.5)) continue
    const answer = await caller.call(
      'setFlowRunState',
      { id: run.id },
      {
        state: { type: 'CANCELLING', message: 'The pool is to be deleted.' },
      },
    )
    if (answer?.status === 201 && answer.body.state?.type === 'CANCELLING') run.cancelledAt = now()
  }
  await sleep(chance.between(10, 60))
}

/** Runs that wait in a place that is deleted are cancelled, whatever else was asked of them. */
export function markWaiting(scene: Scene, pool: KnownPool): void {
  for (const run of scene.known.runs.values()) if (run.deployment?.pool === pool.name) run.retried = true
}
