import { TICK_SECONDS } from '#shared/bounds.ts'
import { isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { SimulatedTask } from '../../support/ecs/simulated-ecs.ts'
import type { Profile } from '../machine/profile.ts'
import { limitsOf, type Moment, startable } from './judge.ts'
import type { LimitItem } from './picture.ts'

/**
 * A message takes two seconds at most, and three more where pollers gather them; the event of a task's end and a wake-up
 * are two, and a second look is a third. Clocks may differ by two seconds.
 */
const PROMPT_SECONDS = 18

interface Seen {
  at: Instant
  limits: (LimitItem | undefined)[]
}

/** Whether in worlds of a profile each message arrives within seconds, and whoever reads one sees all that is there. */
export function isPrompt({ rates, wakeUps, events, indexLag, partitionLag, skewSecondsMax }: Profile): boolean {
  const travels = [wakeUps, events].every((each) => each.lost + each.veryLate === 0 && each.delaySecondsMax <= 2)
  return travels && indexLag + partitionLag === 0 && skewSecondsMax <= 2 && isUntroubled({ rates })
}

/** Whether in worlds of a profile nothing goes wrong with a call. */
export function isUntroubled({ rates }: Pick<Profile, 'rates'>): boolean {
  return Object.values(rates).every((rate) => !rate)
}

/**
 * Watches a world in which no message is lost or late, whenever it is at rest: nothing waits for a tick there but what is
 * due at none.
 */
export class Promptness {
  /** Runs that could start, since when this is so and by which limits: any write of one of them begins it anew. */
  #startable = new Map<FlowRun, Seen>()
  /** Runs that are to be stopped, and since when. */
  #stopping = new Map<FlowRun, Instant>()

  /** What has been left to the next tick. */
  check(moment: Moment, tasks: readonly SimulatedTask[]): string[] {
    return [...this.#leftWaiting(moment), ...this.#leftRunning(moment, tasks), ...overtime(moment, tasks)]
  }

  #leftWaiting(moment: Moment): string[] {
    const { picture, now } = moment
    const before = this.#startable
    this.#startable = new Map()
    return startable(moment).flatMap((run) => {
      const limits = limitsOf(run, picture).map((key) => picture.limits.get(key))
      const seen = before.get(run)
      const same = seen?.limits.length === limits.length && limits.every((limit, at) => limit === seen.limits[at])
      const at = seen && same ? seen.at : now
      this.#startable.set(run, { at, limits })
      if (secondsBetween(at, now) <= PROMPT_SECONDS) return []
      return [`run ${run.id} could have started ${PROMPT_SECONDS} s ago, and waits for a tick`]
    })
  }

  #leftRunning({ picture, now }: Moment, tasks: readonly SimulatedTask[]): string[] {
    const before = this.#stopping
    this.#stopping = new Map()
    return [...picture.runs.values()].flatMap((run) => {
      if (run.state.type !== 'CANCELLING' || !runsOn(run, tasks)) return []
      const since = before.get(run) ?? now
      this.#stopping.set(run, since)
      if (secondsBetween(since, now) <= PROMPT_SECONDS) return []
      return [`run ${run.id} was cancelled ${PROMPT_SECONDS} s ago, and its task runs on`]
    })
  }
}

/** What is out of time is stopped by a tick, which comes each minute; one whose calls are slow may leave it to the next. */
function overtime({ picture, now }: Moment, tasks: readonly SimulatedTask[]): string[] {
  return [...picture.runs.values()].flatMap((run) => {
    const { id, state, timeoutSeconds } = run
    if (timeoutSeconds === null || state.type !== 'RUNNING') return []
    const over = secondsBetween(state.timestamp, now) - timeoutSeconds
    if (over <= 2 * TICK_SECONDS + PROMPT_SECONDS || !runsOn(run, tasks)) return []
    return [`run ${id} is out of time for ${Math.floor(over)} s, and its task runs on`]
  })
}

/** Whether the run's task is alive, and nobody has asked it to stop. */
function runsOn(run: FlowRun, tasks: readonly SimulatedTask[]): boolean {
  if (!run.claim || !run.launch?.taskArn) return false
  const startedBy = startedByOf(run)
  return tasks.some(({ news, stopAskedAt }) => news.startedBy === startedBy && !isStopped(news) && stopAskedAt === null)
}
