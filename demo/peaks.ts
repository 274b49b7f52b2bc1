import { type Held, mostHeld } from './held.ts'
import { POOL, QUEUES } from './stage.ts'
import type { Story } from './story.ts'
import type { Look } from './watch.ts'

/** A limit, and the highest number of runs that were seen to be held under it, in two ways. */
export interface Peak {
  name: string
  limit: number
  /** By the runs' own history: how many had taken their slots and not yet released them. */
  byHistory: number
  /** By sampling the service. */
  byAsking: number
}

/** The peaks of the pool and of each queue. */
export function peaksOf(stories: readonly Story[], looks: readonly Look['slots'][]): Peak[] {
  const heldOf = (some: readonly Story[]) =>
    some.flatMap(({ claimed, ended }): Held[] => (claimed && ended ? [{ from: claimed, to: ended }] : []))
  const queues = QUEUES.map(({ name, limit }): Peak => {
    const slots = looks.map((look) => look.queues.find((queue) => queue.queue_name === name)?.active_slots ?? 0)
    const held = heldOf(stories.filter(({ job }) => job.queue === name))
    return { name: `queue ${name}`, limit, byHistory: mostHeld(held), byAsking: Math.max(0, ...slots) }
  })
  const slots = looks.map((look) => look.active_slots)
  const pool = { byHistory: mostHeld(heldOf(stories)), byAsking: Math.max(0, ...slots) }
  return [{ name: `pool ${POOL.name}`, limit: POOL.limit, ...pool }, ...queues]
}
