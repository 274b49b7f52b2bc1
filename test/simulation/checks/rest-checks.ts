import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { Chance } from '../machine/chance.ts'
import type { World } from '../machine/world.ts'
import { countProblems } from './afterwards/counted.ts'
import { repairProblems } from './afterwards/repaired.ts'
import { listProblems } from './answers/listed.ts'
import { Fork } from './fork.ts'
import { clearedUp } from './leftovers.ts'
import { LookAhead, type LookCounts } from './look-ahead.ts'
import type { Picture } from './picture.ts'
import { type Places, placesOf } from './places.ts'
import { isPrompt, Promptness } from './promptness.ts'
import type { UnguardedWrites } from './rivals/unguarded-writes.ts'
import { stagedProblems } from './staged/staged.ts'
import { momentOf } from './starts.ts'
import type { Watch } from './watch.ts'

/** Of the worlds, those in which something is staged: what many calls show in few worlds, many worlds show as soon. */
const STAGED_SHARE = 0.7
/** Those that are left to their own repair in a fork. */
const REPAIRED_SHARE = 0.15
/** Those in whose forks slots are counted where that is hard. */
const COUNTED_SHARE = 0.06
/** And those that are looked at once everything has ended: half of them swept, and the lists of the others compared. */
const CLEARED_SHARE = 0.5

/** The checks between any two calls of a world, and in forks of it. */
export class RestChecks {
  readonly #world: World
  readonly #watch: Watch
  readonly #unguarded: UnguardedWrites
  readonly #ahead: LookAhead
  readonly #began: Instant
  readonly #promptness: Promptness | undefined
  #places: Places | undefined
  #placesOf: Picture | undefined

  /** Looks ahead at instants of the time in which clients act. */
  constructor(world: World, watch: Watch, unguarded: UnguardedWrites) {
    this.#world = world
    this.#watch = watch
    this.#unguarded = unguarded
    this.#ahead = new LookAhead(world.chance.of('looks'), world.profile.activeSeconds)
    this.#began = world.clock.at
    this.#promptness = isPrompt(world.profile) ? new Promptness() : undefined
  }

  get counts(): LookCounts {
    return this.#ahead.counts
  }

  /** Checks the world as it is now, some of it only while no process is under way; returns a promise only where it takes one. */
  check(atRest: boolean): Promise<void> | undefined {
    const { clock, ecs, events, wakeUps, problems } = this.#world
    if (atRest && this.#promptness && !events.busy && !wakeUps.busy) {
      const moment = { picture: this.#watch.picture, places: this.#currentPlaces(), now: clock.at }
      problems.push(...this.#promptness.check(moment, ecs.started))
    }
    return this.#ahead.isDue(secondsBetween(this.#began, clock.at), this.#watch.picture) ? this.#look() : undefined
  }

  /** What the service leaves as it is when all is left to its own repair, and what comes of what is staged, in some worlds. */
  async repaired(): Promise<string[]> {
    const chance = this.#world.chance.of('repair')
    const wrong: string[] = []
    if (chance.of('count').hits(COUNTED_SHARE))
      wrong.push(...(await countProblems(this.#fork(chance.of('counted')), chance.of('count'))))
    if (chance.of('stage').hits(STAGED_SHARE))
      wrong.push(...(await stagedProblems(this.#fork(chance.of('staged')), chance.of('what is staged'))))
    if (chance.hits(REPAIRED_SHARE)) wrong.push(...(await repairProblems(this.#fork(chance.of('fork')), chance)))
    return wrong
  }

  /** What lists leave out when everything has ended, or the sweep does, in some worlds. */
  async clearedUp(): Promise<string[]> {
    const chance = this.#world.chance.of('clearing up')
    if (!chance.of('looked at').hits(CLEARED_SHARE)) return []
    const fork = this.#fork(chance)
    return chance.hits(0.5) ? await clearedUp(fork) : await listProblems(fork, momentOf(fork), chance.of('lists'))
  }

  #fork(chance: Chance): Fork {
    return new Fork(this.#world, chance, this.#unguarded)
  }

  async #look(): Promise<void> {
    const { problems } = this.#world
    try {
      problems.push(...(await this.#ahead.look(this.#world)))
    } catch (error) {
      problems.push(`a look ahead failed: ${String(error)}`)
    }
  }

  #currentPlaces(): Places {
    if (!this.#places || this.#placesOf !== this.#watch.picture) {
      this.#placesOf = this.#watch.picture
      this.#places = placesOf(this.#world.table.items())
    }
    return this.#places
  }
}
