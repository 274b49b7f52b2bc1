import { addSeconds, type Instant } from '#shared/instant.ts'
import type { IndexChange } from '../table/lagging-rows.ts'
import type { MemoryTable } from '../table/memory-table.ts'
import type { Chance } from './chance.ts'
import type { Profile } from './profile.ts'

/** The first limit of a deployment counts held runs in two looks, which lie further apart than this index may lag. */
const HELD_RUNS = 'active#'
const HELD_LAG_SECONDS_MAX = 1.5

/** How the indexes of a world lag. */
export interface IndexLag {
  /** Time goes on by a call: some of what was held back becomes visible, item by item and partition by partition. */
  pass(): void
}

/**
 * Holds back changes of indexes: some of single items, and at times all of a partition, as each partition of an index is
 * behind by its own measure.
 */
export function indexLag(table: MemoryTable, chance: Chance, profile: () => Profile, now: () => Instant): IndexLag {
  /** Since when each partition of held runs has been behind. */
  const behindSince = new Map<string, Instant>()
  /** Partitions and whole indexes that stand still, by how long in calls. */
  const still = new Map<string, number>()
  table.holdsBack = ({ index, partition }) => {
    const { indexLag: items, partitionLag, indexStalls } = profile()
    if (items + partitionLag === 0) return false
    const name = `${index}/${partition}`
    if (!still.has(name) && chance.hits(partitionLag)) still.set(name, chance.whole(5, 60))
    if (!still.has(index) && chance.hits(indexStalls)) still.set(index, chance.whole(50, 400))
    const held = still.has(name) || still.has(index) || chance.hits(items)
    if (held && partition.startsWith(HELD_RUNS) && !behindSince.has(name)) behindSince.set(name, now())
    return held
  }
  return {
    pass: () => {
      if (table.behind === 0) return
      const { catchesUp } = profile()
      for (const [name, calls] of still) {
        if (calls <= 1 || catchesUp >= 1) still.delete(name)
        else still.set(name, calls - 1)
      }
      const overdue = new Set(
        [...behindSince].filter(([, since]) => now() >= addSeconds(since, HELD_LAG_SECONDS_MAX)).map(([name]) => name),
      )
      for (const name of overdue) behindSince.delete(name)
      const comes = ({ index, partition }: IndexChange) =>
        overdue.has(`${index}/${partition}`) ||
        (!still.has(index) && !still.has(`${index}/${partition}`) && (catchesUp >= 1 || chance.hits(catchesUp)))
      table.catchUp(comes)
    },
  }
}
