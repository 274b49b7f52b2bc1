import type { Chance } from '../machine/chance.ts'
import { setFree } from './afterwards/set-free.ts'
import { claimProblems } from './answers/claimed.ts'
import { otherProblems } from './answers/explained-others.ts'
import { listProblems } from './answers/listed.ts'
import { operatedProblems } from './answers/operated.ts'
import { pollProblems } from './answers/polled.ts'
import { idleSlots, priorityProblems } from './dispatched.ts'
import { asItIs, clearedAway, explainAll } from './explain-truth.ts'
import { Fork, type Origin } from './fork.ts'
import { type Moment, waits } from './judge.ts'
import type { Picture } from './picture.ts'
import { momentOf } from './starts.ts'

/** Instants of a world at which it is looked ahead, and runs explained at each. */
const INSTANTS = 5
const RUNS_MAX = 3
/** Lists are compared at each third instant, and acts and polls at the others. */
const LISTED_EACH = 3
/** How often what takes many calls is done at an instant, as more worlds show more: acts and polls, and setting something free. */
const ANSWERED_SHARE = 0.5
const FREED_SHARE = 0.2
/** Of what is explained, so much is taken out of the way. */
const CLEARED_SHARE = 0.35
const PATIENCE_SECONDS = 45

/** What was looked at, so that a world in which nothing was says so. */
export interface LookCounts {
  instants: number
  explained: number
  obstacles: number
}

/**
 * Looks ahead, at instants that a seed draws, in worlds forked from the one at hand: what would happen if nothing but this
 * or that did. The processes that are under way are dead there.
 */
export class LookAhead {
  readonly counts: LookCounts = { instants: 0, explained: 0, obstacles: 0 }
  readonly #chance: Chance
  readonly #instants: number[]

  /** Draws the instants from the first seconds of a world. */
  constructor(chance: Chance, seconds: number) {
    this.#chance = chance
    this.#instants = Array.from({ length: INSTANTS }, (_, n) => chance.of(`instant ${n}`).between(0, seconds)).toSorted(
      (a, b) => a - b,
    )
  }

  /**
   * Whether the next instant has come, that many seconds after the world began: once runs wait then, and at every other
   * one once some wait for a limit of their deployment, if that is soon.
   */
  isDue(seconds: number, { runs }: Picture): boolean {
    const [next] = this.#instants
    if (next === undefined || next > seconds) return false
    if (seconds > next + PATIENCE_SECONDS) return true
    const blocked = this.#instants.length % 2 === 0
    return [...runs.values()].some((run) => waits(run) && run.poolId !== null && (!blocked || run.blockedBy !== null))
  }

  /** Looks ahead from a world; says what is wrong. */
  async look(world: Origin): Promise<string[]> {
    this.#instants.shift()
    this.counts.instants += 1
    const chance = this.#chance.of(`look ${this.counts.instants}`)
    const fork = new Fork(world, chance.of('fork'))
    const moment = momentOf(fork)
    const ticked = fork.fork()
    await ticked.tick()
    const looked = { fork: ticked, moment: momentOf(ticked) }
    const { trials, problems } = await explainAll(fork, pick(moment, chance.of('runs')), moment)
    const isListed = this.counts.instants % LISTED_EACH === 0
    problems.push(
      ...(isListed ? await listProblems(fork, moment, chance.of('lists')) : await answers(fork, moment, chance)),
    )
    problems.push(...priorityProblems(moment, looked.moment))
    for (const trial of trials) {
      this.#count(trial.said)
      problems.push(...(await asItIs(trial, looked)))
      const its = chance.of(trial.run.id)
      if (its.of('cleared').hits(CLEARED_SHARE)) problems.push(...(await clearedAway(trial, its)))
    }
    // What ended in the tick may have made room: the wake-ups say so.
    await ticked.deliver()
    problems.push(...idleSlots(momentOf(ticked)))
    const free = chance.of('set free')
    if (problems.length > 0 || !free.hits(FREED_SHARE)) return problems
    return await setFree(ticked, free)
  }

  #count({ obstacles }: { obstacles: readonly unknown[] }): void {
    this.counts.explained += 1
    this.counts.obstacles += obstacles.length
  }
}

/** What is wrong with what people do and ask for, each in a fork of its own. */
async function answers(fork: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  if (!chance.of('answers').hits(ANSWERED_SHARE)) return []
  return [
    ...(await operatedProblems(fork, moment, chance.of('operated'))),
    ...(await pollProblems(fork, moment, chance.of('polled'))),
    ...(await claimProblems(fork, moment, chance.of('claimed'))),
    ...(await otherProblems(fork, moment, chance.of('others'))),
  ]
}

/** A few of the runs that wait in a pool. */
function pick({ picture }: Moment, chance: Chance) {
  const waiting = [...picture.runs.values()].filter((run) => waits(run) && run.poolId !== null)
  return waiting
    .map((run) => ({ run, rank: chance.of(run.id).next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, RUNS_MAX)
    .map(({ run }) => run)
}
