import type { Verb } from './verb.ts'

/** Makes, changes and deletes a global limit. */
export const changeGlobalLimit: Verb = {
  name: 'change a global limit',
  weight: 2,
  async act({ chance, client }) {
    const name = `license-${chance.whole(1, 2)}`
    const caller = client()
    const limit = chance.whole(0, 3)
    const act = chance.pick(['create', 'update', 'delete'] as const)
    if (act === 'create') await caller.call('createGlobalLimit', { name, limit })
    else if (act === 'update') await caller.call('updateGlobalLimit', { id_or_name: name }, { limit })
    else await caller.call('deleteGlobalLimit', { id_or_name: name })
  },
}

/** Takes slots of a global limit under a lease, and gives them back, or dies. */
export const leaseSlots: Verb = {
  name: 'lease slots',
  weight: 3,
  async act({ chance, client, sleep }) {
    const caller = client('careless')
    const names = [`license-${chance.whole(1, 2)}`]
    const taken = await caller.call('acquireSlotsWithLease', { names, slots: 1, lease_duration: 60 })
    if (taken?.status !== 200) return
    const lease = taken.body.lease_id as string
    await sleep(chance.between(5, 50))
    if (chance.hits(0.5)) await caller.call('renewLease', { id: lease }, { lease_duration: 60 })
    await sleep(chance.between(1, 80))
    if (chance.hits(0.7)) await caller.call('releaseSlotsWithLease', { lease_id: lease })
  },
}

/** Takes slots of tag limits for a task run, as Prefect 2 does. */
export const tagSlots: Verb = {
  name: 'take tag slots',
  weight: 2,
  async act({ chance, client, sleep, known }) {
    const caller = client('careless')
    const tag = `t${chance.whole(1, 2)}`
    if (chance.hits(0.4)) await caller.call('createTagLimit', { tag, concurrency_limit: chance.whole(1, 2) })
    const taskRun = chance.pick(known.taskRuns)
    if (!taskRun) return
    const body = { names: [tag], task_run_id: taskRun.id }
    const taken = await caller.call('acquireTagSlots', body)
    if (taken?.status !== 200) return
    await sleep(chance.between(1, 30))
    if (chance.hits(0.7)) await caller.call('releaseTagSlots', body)
  },
}
