import { EVIDENCE_SECONDS, START_TIMEOUT_SECONDS, STOPPED_VISIBLE_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

/** A hold whose lease has run out is looked at within so many ticks. */
const LOOKED_SECONDS = 3 * TICK_SECONDS
/** Seconds, from the shortest to what outlasts a lease. */
const LIMITS = [30, 90, 1_200]
/** A launch is repeated for ten minutes: this is well within them, and late enough for the first lease to end soon after. */
const UNANSWERED_SECONDS = 8 * TICK_SECONDS
/** Long after three generations that ECS did not answer, which takes ten minutes each. */
const UNANSWERED_TICKS = 60

/** Has ECS not show the task of a held run: it is held on, until ECS would have forgotten the task's end. */
export async function hiddenTask(fork: Fork, chance: Chance): Promise<string[]> {
  const id = await launched(fork, chance)
  fork.ecs.hides = () => true
  await sweepFor(fork, START_TIMEOUT_SECONDS + EVIDENCE_SECONDS)
  const now = storedRun(fork, id)
  if (!now?.claim) return [`run ${id} is ${now?.state.name} after half an hour in which ECS did not show its task`]
  fork.pass(STOPPED_VISIBLE_SECONDS)
  await sweepFor(fork, 2 * LOOKED_SECONDS)
  const { name } = storedRun(fork, id)?.state ?? { name: 'gone' }
  return name === 'Crashed' ? [] : [`run ${id} is ${name}, and ECS has long forgotten its task`]
}

/** Has a task never start, or start late, as its launch was answered late: it is stopped when its time is over, and not before. */
export async function slowStart(fork: Fork, chance: Chance): Promise<string[]> {
  const { ecs } = fork
  ecs.script = () => ({ startsAfterSeconds: null })
  const late = chance.hits(0.5)
  if (late) ecs.refuse = () => new Error('no answer')
  const id = await launched(fork, chance)
  if (late) await sweepFor(fork, UNANSWERED_SECONDS)
  ecs.refuse = () => undefined
  if (late) await sweepFor(fork, LOOKED_SECONDS)
  const asked = () => ecs.started.find(({ request }) => request.runId === id)?.stopAskedAt ?? null
  const since = late ? UNANSWERED_SECONDS + LOOKED_SECONDS : 0
  await sweepFor(fork, START_TIMEOUT_SECONDS - since + (late ? LOOKED_SECONDS : -LOOKED_SECONDS))
  if (asked() !== null) return [`the task of run ${id} was stopped before its time to start was over`]
  await sweepFor(fork, since + 2 * LOOKED_SECONDS)
  return asked() === null ? [`the task of run ${id} never starts, and is not stopped`] : []
}

/** Has a command run on beyond its time limit: its task is stopped. */
export async function timeLimit(fork: Fork, chance: Chance): Promise<string[]> {
  const seconds = chance.pick(LIMITS) ?? 0
  const id = await launched(fork, chance, seconds)
  fork.ecs.pass()
  await fork.report(fork.ecs.takeNews())
  await sweepFor(fork, seconds + LOOKED_SECONDS)
  const task = fork.ecs.started.find(({ request }) => request.runId === id)
  return task?.stopAskedAt === null ? [`run ${id} has a time limit of ${seconds} s, and its task runs on`] : []
}

/** Has ECS never answer a launch: its run ends. */
export async function neverAnswered(fork: Fork, chance: Chance): Promise<string[]> {
  fork.ecs.refuse = () => new Error('no answer')
  const id = await launched(fork, chance)
  for (let ticks = 0; ticks < UNANSWERED_TICKS; ticks += 1) {
    await sweepFor(fork, TICK_SECONDS)
    await fork.tick()
    const { state } = storedRun(fork, id) ?? {}
    if (!state || isTerminal(state.type)) return []
  }
  return [`run ${id} is ${storedRun(fork, id)?.state.name}, and ECS has not answered for an hour`]
}

/** Creates the run of a command, and lets a tick hand it out. Returns its id. */
async function launched(fork: Fork, chance: Chance, timeoutSeconds?: number): Promise<string> {
  const place = await openPlace(fork, chance, true)
  const timeout = timeoutSeconds === undefined ? {} : { timeout_seconds: timeoutSeconds }
  const id = await create(fork, await deploy(fork, place, { job_variables: { command: ['work'], ...timeout } }))
  await fork.tick()
  return id
}

async function sweepFor(fork: Fork, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += TICK_SECONDS) {
    fork.pass(Math.min(TICK_SECONDS, seconds - passed))
    await fork.sweep()
    await fork.deliver()
  }
}
