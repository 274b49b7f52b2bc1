import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'

const LIMIT = 'staged'
const LEASE_SECONDS = 60
const SLOTS = 2
/** Slots that come back by themselves, a second. */
const DECAY = 0.1

/** Has a lease renewed in time: its slot is held until the renewed one runs out, and free soon after. */
export async function renewedLease(fork: Fork, _chance: Chance): Promise<string[]> {
  await fork.call('createGlobalLimit', { name: LIMIT, limit: 1 })
  const body = { names: [LIMIT], slots: 1, lease_duration: LEASE_SECONDS }
  const taken = await fork.call('acquireSlotsWithLease', body)
  if (taken.status !== 200) return [`a slot of a new limit was refused with ${taken.status}`]
  fork.pass(LEASE_SECONDS - 10)
  await fork.call('renewLease', { id: taken.body.lease_id as string }, { lease_duration: LEASE_SECONDS })
  fork.pass(LEASE_SECONDS - 10)
  await fork.sweep()
  if ((await fork.call('acquireSlotsWithLease', body)).status < 300) return ['a slot was taken whose lease was renewed']
  for (let n = 0; n < 3; n += 1) {
    fork.pass(TICK_SECONDS)
    await fork.sweep()
  }
  const { status } = await fork.call('acquireSlotsWithLease', body)
  return status === 200 ? [] : [`a slot was refused with ${status} after its lease had run out`]
}

/** Has slots taken that come back by themselves: as many at a time as have. */
export async function decay(fork: Fork, _chance: Chance): Promise<string[]> {
  await fork.call('createGlobalLimit', { name: LIMIT, limit: SLOTS, slot_decay_per_second: DECAY })
  const isTaken = async () => {
    const answer = await fork.call('acquireSlots', { names: [LIMIT], slots: 1 })
    return answer.status === 200
  }
  const seen = [await isTaken(), await isTaken(), await isTaken()]
  // One and a half have come back.
  fork.pass(1.5 / DECAY)
  seen.push(await isTaken(), await isTaken())
  // And so have all.
  fork.pass((2 * SLOTS) / DECAY)
  seen.push(await isTaken(), await isTaken(), await isTaken())
  const right = [true, true, false, true, false, true, true, false]
  return seen.join() === right.join() ? [] : [`slots that come back by themselves were given: ${seen.join()}`]
}
