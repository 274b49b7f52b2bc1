import { TICK_SECONDS } from '#shared/bounds.ts'
import { isStopped } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { HAS_RUN_OUT, leftovers } from '../leftovers.ts'
import { momentOf } from '../starts.ts'
import { jam } from './jam.ts'
import { upheaval } from './upheaval.ts'
import {
  CLOCKS_DIFFER_SECONDS,
  cancelledUntil,
  forsaken,
  hasEnded,
  heldByAgents,
  heldInSilence,
  heldRuns,
  isCancelling,
  isLaunched,
  isOutOfTime,
  isOverdue,
  orphans,
  overdue,
  pausedUntil,
  runsOn,
  strays,
  tasksOf,
  unlaunched,
} from './what-is-left.ts'

/** Sweeps after which what needs no evidence of ECS is repaired: silence lasts five minutes at most, and a deletion looks for the last time after six. */
const SOON = { hidden: minutes(3), seen: minutes(6) }
/** A lease runs out, and what was then out of time in less than another one, is. */
const LEASES = [10 * 60, 6 * 60]
/** Queues that are gone are looked for every five ticks. */
const TURNS = minutes(5)
/** A pause is looked at each 6 hours, ECS forgets after one, and a look is put off by half an hour at most. */
const HOURS = [2 * 3_600, 6 * 3_600, 31 * 60]
/** Looks at a hold that failed put it off by more and more. */
const MISSED_MAX = 2
const UPHEAVAL_SHARE = 0.7
const JAMMED_SHARE = 0.5
/** ECS forgets all that stopped where nothing sweeps for so long. */
const OUTAGE_SHARE = 0.25
const OUTAGE_SECONDS = 2 * 3_600

/**
 * Lets a world's sweeps go on by themselves, in a fork: nobody opens, resumes or cancels anything, and no task ends. Says
 * what they leave as it is. In some worlds nothing can be done about one run, which must not keep the others waiting.
 */
export async function repairProblems(fork: Fork, chance: Chance): Promise<string[]> {
  const from = fork.clock.at
  if (chance.hits(UPHEAVAL_SHARE)) await upheaval(fork, chance.of('upheaval'))
  const jammed = chance.hits(JAMMED_SHARE) ? oneOf(heldRuns(momentOf(fork)), chance) : undefined
  if (chance.hits(OUTAGE_SHARE)) {
    // No index lags for so long.
    fork.table.catchUp()
    fork.pass(OUTAGE_SECONDS)
  }
  const unwritable = chance.hits(0.5)
  if (jammed) jam(fork, jammed, unwritable)
  const others = (some: readonly FlowRun[]) => some.filter(({ id }) => id !== jammed?.id)
  await sweepAt(fork, SOON.hidden)
  fork.table.catchUp()
  await sweepAt(fork, SOON.seen)
  const pass: Pass = { fork, from, unwritable, others }
  const left = leftSoon(pass)
  if (left.length > 0) return left
  const waited = new Set(forsaken(momentOf(fork)).map(({ id }) => id))
  await sweepAt(fork, LEASES)
  left.push(...leftOfLeases(pass, waited))
  if (left.length > 0) return left
  await sweepAt(fork, TURNS)
  left.push(...leftOfTurns(pass))
  if (left.length > 0) return left
  await sweepAt(fork, HOURS)
  const held = others(heldRuns(momentOf(fork)).filter(isLaunched))
  return named(
    'is held, and no task of it is there',
    held.filter((run) => !tasksOf(run, fork.ecs.started).some(({ news }) => !isStopped(news))),
  )
}

/** What is known of a fork whose sweeps go on. */
interface Pass {
  fork: Fork
  from: Instant
  /** Whether nothing is written about the run that is jammed. */
  unwritable: boolean
  /** All of these but that run. */
  others: (some: readonly FlowRun[]) => FlowRun[]
}

function leftSoon({ fork, from, others }: Pass): string[] {
  const soon = momentOf(fork)
  const items = [...fork.table.items()]
  return [
    ...leftovers(items, addSeconds(soon.now, -CLOCKS_DIFFER_SECONDS)).filter((each) => each.endsWith(HAS_RUN_OUT)),
    ...named('is paused beyond its time', others(overdue(soon, pausedUntil))),
    ...named('is cancelling, and its client is silent', others(overdue(soon, cancelledUntil))),
    ...named('was claimed, and is not launched', others(unlaunched(soon, from))),
    ...named('is held by a worker that is silent', others(heldInSilence(soon))),
    ...named('is held by an agent that is gone', others(heldByAgents(soon))),
    ...named('goes on within a run that was cancelled', others(orphans(soon))),
  ]
}

/** `waited`: runs that already waited for a deployment that was gone; one that is put back since has its turn to come. */
function leftOfLeases({ fork, others }: Pass, waited: ReadonlySet<string>): string[] {
  const leases = momentOf(fork)
  const going = others(heldRuns(leases).filter(({ claim }) => (claim?.missed ?? 0) <= MISSED_MAX))
  const out = going.filter((run) => isOutOfTime(run, leases) && runsOn(run, fork))
  const cancelled = going.filter((run) => isCancelling(run) && runsOn(run, fork))
  const over = going.filter((run) => hasEnded(run, fork.ecs.started))
  return [
    // A deletion that failed in the world is put off by ten minutes (DELETION_BACKOFF_SECONDS).
    ...named(
      'waits for a deployment that is gone',
      others(forsaken(leases)).filter(({ id }) => waited.has(id)),
    ),
    ...named('is out of time, and its task runs on', out),
    ...named('was cancelled, and its task runs on', cancelled),
    ...named('is held, and its task has ended', over),
  ]
}

function leftOfTurns({ fork, unwritable, others }: Pass): string[] {
  const looked = momentOf(fork)
  const due = heldRuns(looked).filter((run) => isOverdue(run, looked.now))
  return [
    ...named('waits where nothing is any more', others(strays(looked))),
    ...named('is due to be looked at, and stays so', unwritable ? others(due) : due),
  ]
}

/** A held run, with others of its pool beside it where there are some. */
function oneOf(held: readonly FlowRun[], chance: Chance): FlowRun | undefined {
  const pools = Map.groupBy(held.filter(isLaunched), ({ poolId }) => poolId)
  const crowded = [...pools.values()].filter((some) => some.length > 1).flat()
  return chance.pick(crowded) ?? chance.pick(held)
}

function minutes(count: number): number[] {
  return Array.from({ length: count }, () => TICK_SECONDS)
}

async function sweepAt(fork: Fork, pauses: readonly number[]): Promise<void> {
  for (const seconds of pauses) {
    fork.pass(seconds)
    await fork.sweep()
    await fork.deliver()
  }
}

function named(words: string, runs: readonly FlowRun[]): string[] {
  return runs.map(({ id, state }) => `run ${id}, ${state.name}, ${words}, whatever time it has`)
}
