import type { Caller } from '../outside/caller.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene, Verb } from './verb.ts'

const LEASE_SECONDS = 60
const nameOf = ({ chance }: Scene) => `license-${chance.whole(1, 2)}`

/** Makes, changes, renames and deletes a global limit, at times one that decays. */
export const changeGlobalLimit: Verb = {
  name: 'change a global limit',
  weight: 4,
  async act(scene) {
    const { chance, client } = scene
    const name = nameOf(scene)
    const caller = client()
    const limit = chance.whole(0, 3)
    const act = chance.pick(['create', 'create', 'update', 'delete'] as const)
    if (act === 'create') {
      const decay = chance.hits(0.4) ? { slot_decay_per_second: 0.1 } : {}
      return void (await caller.call('createGlobalLimit', { name, limit, ...decay }))
    }
    if (act === 'delete') return void (await caller.call('deleteGlobalLimit', { id_or_name: name }))
    const change = chance.pick([
      { limit },
      { active: chance.hits(0.6) },
      { active_slots: 0 as const },
      { name: nameOf(scene) },
    ])
    await caller.call('updateGlobalLimit', { id_or_name: name }, change ?? {})
  },
}

/** Takes slots of global limits under a lease, renews it in time or too late, and gives them back, or dies. */
export const leaseSlots: Verb = {
  name: 'lease slots',
  weight: 7,
  async act(scene) {
    const { chance, client, sleep } = scene
    const caller = client('careless')
    const names = chance.hits(0.3) ? ['license-1', 'license-2'] : [nameOf(scene)]
    const taken = await caller.call('acquireSlotsWithLease', { names, slots: 1, lease_duration: LEASE_SECONDS })
    if (taken?.status !== 200) return
    const lease = taken.body.lease_id as string
    await sleep(chance.between(5, 90))
    if (chance.hits(0.5)) await caller.call('renewLease', { id: lease }, { lease_duration: LEASE_SECONDS })
    await sleep(chance.between(1, 80))
    if (!chance.hits(0.7)) return
    const twice = chance.hits(0.2) ? [client('careless')] : []
    await Promise.all([caller, ...twice].map((each) => each.call('releaseSlotsWithLease', { lease_id: lease })))
  },
}

/** Takes slots without a lease, and mostly gives them back. */
export const looseSlots: Verb = {
  name: 'take loose slots',
  weight: 8,
  async act(scene) {
    const { chance, client, sleep } = scene
    const caller = client('careless')
    const name = nameOf(scene)
    if (chance.hits(0.5)) await caller.call('createGlobalLimit', { name, limit: chance.whole(1, 3) })
    const body = { names: [name], slots: chance.whole(1, 2) }
    const taken = await caller.call('acquireSlots', body)
    if (taken?.status !== 200) return
    await sleep(chance.between(1, 60))
    if (chance.hits(0.8)) await caller.call('releaseSlots', body)
  },
}

/** Takes slots of tag limits for a task run, as Prefect 2 does, while others change and reset those limits. */
export const tagSlots: Verb = {
  name: 'take tag slots',
  weight: 6,
  async act(scene) {
    const { chance, client, sleep, known } = scene
    const caller = client('careless')
    const tag = `t${chance.whole(1, 2)}`
    if (chance.hits(0.7)) await caller.call('createTagLimit', { tag, concurrency_limit: chance.whole(1, 2) })
    // Prefect 2's tasks take slots before anybody hears of their runs.
    const holder = chance.pick(known.taskRuns)?.id ?? uuidOf(scene)
    const body = { names: [tag], task_run_id: holder }
    const taken = await caller.call('acquireTagSlots', body)
    if (taken?.status === 200) await sleep(chance.between(1, 30))
    if (chance.hits(0.5)) await changeTag(scene, caller, tag, holder)
    if (taken?.status === 200 && chance.hits(0.7)) await caller.call('releaseTagSlots', body)
  },
}

async function changeTag({ chance }: Scene, caller: Caller, tag: string, holder: string): Promise<void> {
  if (chance.hits(0.6)) {
    const kept = chance.hits(0.5) ? [holder] : []
    return void (await caller.call('resetTagLimitByTag', { tag }, { slot_override: kept }))
  }
  const limit = await caller.call('getTagLimitByTag', { tag })
  if (limit?.status !== 200 || chance.hits(0.5)) await caller.call('deleteTagLimitByTag', { tag })
  else await caller.call('deleteTagLimit', { id: limit.body.id as string })
}
