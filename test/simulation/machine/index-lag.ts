import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import type { IndexChange } from '../table/rows/lagging-rows.ts'
import type { WorldTable } from '../table/world-table.ts'
import type { Chance } from './chance.ts'
import type { Profile } from './profile.ts'
import type { WorldClock } from './world-clock.ts'

/** How the indexes of a world lag. */
export interface IndexLag {
  /** Some of what was held back becomes visible, item by item and partition by partition. */
  pass(): void
}

/** A call comes about as often as this, where profiles say how much catches up at each. */
const CALL_SECONDS = 0.2
/** Most items are behind for seconds, and a few for minutes. */
const LAG_SECONDS_MAX = 20
const LONG_LAG = { share: 0.01, min: 30, max: 240 }
/** Nothing lags for as long as the product takes to be impossible, whatever stands still at once. */
const ALL_SECONDS_MAX = INDEX_LAG_SECONDS_MAX - 20
const PARTITION_SECONDS = { min: 1, max: 15 }
const INDEX_SECONDS = { min: 5, max: 30 }

/**
 * Holds back changes of indexes: some of single items, and at times all of a partition or of an index, as each partition
 * of an index is behind by its own measure. What happens to a change depends on its item and partition alone.
 */
export function indexLag(table: WorldTable, all: Chance, profile: () => Profile, clock: WorldClock): IndexLag {
  const until = new Map<string, Instant>()
  const since = new Map<string, Instant>()
  const times = new Map<string, number>()
  /** The chance of the n-th change of something. */
  const chanceOf = (name: string): Chance => {
    const number = (times.get(name) ?? 0) + 1
    times.set(name, number)
    return all.of(`${name} ${number}`)
  }
  const waits = (name: string) => (until.get(name) ?? 0) > clock.at
  const standStill = (name: string, share: number, { min, max }: { min: number; max: number }) => {
    const chance = chanceOf(name)
    if (!waits(name) && chance.hits(share)) until.set(name, addSeconds(clock.at, chance.between(min, max)))
  }
  table.holdsBack = (change) => {
    const { indexLag: items, partitionLag, indexStalls, catchesUp } = profile()
    if (items + partitionLag === 0) return false
    const { index, partition, item } = namesOf(change)
    standStill(partition, partitionLag, PARTITION_SECONDS)
    standStill(index, indexStalls, INDEX_SECONDS)
    const chance = chanceOf(item)
    const held = chance.hits(items)
    const short = Math.min(LAG_SECONDS_MAX, (-Math.log(1 - chance.next()) * CALL_SECONDS) / catchesUp)
    const seconds = chance.hits(LONG_LAG.share) ? chance.between(LONG_LAG.min, LONG_LAG.max) : short
    if (held) until.set(item, addSeconds(clock.at, seconds))
    const behind = held || waits(partition) || waits(index)
    if (behind) since.set(item, clock.at)
    return behind
  }
  const comes = (change: IndexChange) => {
    if (profile().catchesUp >= 1) return true
    const { index, partition, item } = namesOf(change)
    const longest = secondsBetween(since.get(item) ?? clock.at, clock.at) >= ALL_SECONDS_MAX
    return longest || (!waits(index) && !waits(partition) && !waits(item))
  }
  return {
    pass: () => {
      if (table.behind > 0) table.catchUp(comes)
    },
  }
}

function namesOf({ index, partition, key }: IndexChange) {
  return { index, partition: `${index}/${partition}`, item: `${index}: ${key.pk} ${key.sk}` }
}
