import { WAKE_UP_AHEAD_SECONDS } from '#shared/bounds.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

/** More than one look hands out, and more than a process may launch at once. */
const CROWD = { min: 52, max: 60 }
/** A crowd may have to wait for a limit first, which then has room for all of it. */
const BEHIND_SHARE = 0.4
/** Launches are made so many at a time, and those that wait for one read fail with it. */
const TOGETHER = 10
/** Shorter in all than until the next tick. */
const WAVES = { count: 6, seconds: 4 }
/** Runs that wait for one limit. */
const WAITING = 4
/** Nobody is woken for a run that is due as late as this when it is created. */
const LATER_SECONDS = WAKE_UP_AHEAD_SECONDS + 15
const TICKED_AFTER_SECONDS = 50

/** Has more runs wait than are handed out at once: one tick, and what it sends, starts them all. */
export async function crowd(origin: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(origin, chance, true)
  const behind = chance.hits(BEHIND_SHARE)
  const deployment = await deploy(origin, place, behind ? { concurrency_limit: 1 } : {})
  const ids: string[] = []
  for (let left = chance.whole(CROWD.min, CROWD.max); left > 0; left -= 1) ids.push(await create(origin, deployment))
  // Of what they sent as they came, nothing arrives.
  const fork = origin.fork()
  const failing = !behind && chance.hits(0.5)
  if (failing) failNextRead(fork, deployment)
  await fork.tick()
  if (behind) {
    await settle(fork)
    await fork.call('updateDeployment', { id: deployment }, { concurrency_limit: ids.length })
  }
  await settle(fork)
  const runs = ids.map((id) => storedRun(fork, id))
  const waiting = runs.filter((run) => run?.generation === 0)
  const unlaunched = runs.filter((run) => !run?.launch?.taskArn)
  return [
    ...(waiting.length > 0 ? [`of a crowd of ${ids.length}, ${waiting.length} wait for the next tick`] : []),
    ...(unlaunched.length > (failing ? TOGETHER : waiting.length)
      ? [`of a crowd of ${ids.length}, ${unlaunched.length} are not launched`]
      : []),
  ]
}

/** Lets wake-ups arrive for less than until the next tick. */
async function settle(fork: Fork): Promise<void> {
  for (let wave = 0; wave < WAVES.count; wave += 1) {
    await fork.deliver()
    fork.pass(WAVES.seconds)
  }
}

/** Has the next read of a deployment by itself fail. */
function failNextRead({ table }: Fork, deployment: string): void {
  const answer = table.answer.bind(table)
  table.answer = (command, input) => {
    if (command !== 'GetItemCommand' || !JSON.stringify(input).includes(deployment)) return answer(command, input)
    table.answer = answer
    throw new Error('no answer')
  }
}

/** Has the limit of runs raised that wait for it: as many start as it lets, without a tick. */
export async function raisedLimit(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const deployment = await deploy(fork, place, { concurrency_limit: 1 })
  const ids: string[] = []
  for (let n = 0; n < WAITING; n += 1) ids.push(await create(fork, deployment))
  await fork.tick()
  const raised = chance.whole(2, WAITING)
  await fork.call('updateDeployment', { id: deployment }, { concurrency_limit: raised })
  await settle(fork)
  const started = ids.filter((id) => storedRun(fork, id)?.claim).length
  return started === raised ? [] : [`${started} runs have started under a limit that was raised to ${raised}`]
}

/** Has a run fall due between two ticks, long after it came: it starts then. */
export async function dueBetweenTicks(origin: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(origin, chance, true)
  const due = formatInstant(addSeconds(origin.clock.at, LATER_SECONDS))
  const state = { type: 'SCHEDULED' as const, state_details: { scheduled_time: due } }
  const id = await create(origin, await deploy(origin, place), { state })
  const fork = origin.fork()
  fork.pass(TICKED_AFTER_SECONDS)
  await fork.tick()
  fork.pass(LATER_SECONDS - TICKED_AFTER_SECONDS + 1)
  await fork.deliver()
  return storedRun(fork, id)?.generation === 0 ? [`run ${id} is due between two ticks, and waits for the next one`] : []
}
