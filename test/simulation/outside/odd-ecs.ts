import type { RunTaskOutcome } from '#shared/deps.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { EcsQuestion, SimulatedEcs, SimulatedTask, TaskScript } from '../../support/ecs/simulated-ecs.ts'
import type { Chance } from '../machine/chance.ts'
import { ENDS, LASTING, OPEN, PASSING, UNHEARD_OF } from './ecs-words.ts'

/** A new task may be missing from all answers for this long. */
const HIDDEN_SECONDS_MAX = 300

/** The share of launches that are refused, of answers that are missing or cut and of tasks that end oddly, from 0 to 1. */
type Odd = () => number

/**
 * Gives an ECS the habits of a world: each task's fate depends on its launch alone, each answer on its question.
 * `launched` is called before each launch.
 */
export function setHabits(
  ecs: SimulatedEcs,
  all: Chance,
  odd: Odd,
  launched: (request: LaunchRequest, chance: Chance) => void,
): void {
  const asked = new Map<string, number>()
  /** The chance of the n-th time that something is asked. */
  const chanceOf = (question: string): Chance => {
    const times = (asked.get(question) ?? 0) + 1
    asked.set(question, times)
    return all.of(`${question}#${times}`)
  }
  ecs.refuse = (request) => {
    const chance = chanceOf(`run ${request.token}`)
    launched(request, chance.of('echo'))
    return refusalOf(chance, odd())
  }
  ecs.script = (request) => scriptOf(request, all.of(request.token), odd())
  ecs.fail = (question) => failureOf(question, ecs, all, chanceOf, odd())
  ecs.hides = (task, now) => isHidden(task, now, all, chanceOf, odd())
}

function refusalOf(chance: Chance, odd: number): RunTaskOutcome | Error | undefined {
  if (!chance.hits(odd)) return undefined
  const kind = chance.next()
  if (kind < 0.6) return chance.pick(PASSING)
  if (kind < 0.75) return chance.pick(OPEN)
  return chance.pick(kind < 0.9 ? LASTING : UNHEARD_OF)
}

/** Some calls fail; and some tasks can't be described, with whatever else is asked about in the same call. */
function failureOf(
  { kind, subjects }: EcsQuestion,
  { started }: SimulatedEcs,
  all: Chance,
  chanceOf: (question: string) => Chance,
  odd: number,
): Error | undefined {
  if (odd === 0) return undefined
  const bad = started.some(
    ({ news, request }) => subjects.includes(news.taskArn) && all.of(`${request.token} is bad`).hits(odd / 4),
  )
  if (bad && kind === 'describe') return OPEN[3]
  const chance = chanceOf(`${kind} ${subjects.join()}`)
  return chance.hits(odd / 3) ? chance.pick(OPEN) : undefined
}

/** Some tasks are missing from one answer, and some from all of them for minutes. */
function isHidden(
  { request, createdAt }: SimulatedTask,
  now: Instant,
  all: Chance,
  chanceOf: (question: string) => Chance,
  odd: number,
): boolean {
  if (odd === 0) return false
  const { token } = request
  if (chanceOf(`show ${token}`).hits(odd / 5)) return true
  const chance = all.of(`${token} is hidden`)
  return chance.hits(odd / 4) && secondsBetween(createdAt, now) < chance.between(0, HIDDEN_SECONDS_MAX)
}

function scriptOf({ command, token }: LaunchRequest, chance: Chance, odd: number): Partial<TaskScript> {
  const endless = command[0] === 'work' && chance.hits(0.5)
  const script: Partial<TaskScript> = {
    startsAfterSeconds: chance.next() * 15,
    runsForSeconds: endless ? null : 2 + chance.next() * 25,
    exitCode: chance.hits(0.25) ? 1 : 0,
    stopsWithinSeconds: chance.next() * 10,
  }
  if (!chance.hits(odd)) return script
  const kind = chance.of(`${token} end`)
  const drawn = kind.next()
  // Some never get past PROVISIONING, some take minutes to stop, and some don't stop until they end by themselves.
  if (drawn < 0.1) return { ...script, startsAfterSeconds: null }
  if (drawn < 0.25) return { ...script, stopsWithinSeconds: kind.between(60, 300) }
  if (drawn < 0.35) return { ...script, runsForSeconds: kind.between(60, 400), stopsWithinSeconds: null }
  return { ...script, ends: kind.pick(ENDS) }
}
