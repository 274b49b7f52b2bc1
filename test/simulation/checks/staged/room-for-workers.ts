import { TICK_SECONDS } from '#shared/bounds.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import { isWrite } from '../../machine/faults.ts'
import type { Json } from '../../outside/caller.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

const SWEEPS = 3
/** A run that is due at once would be cancelled as it is created. */
const DUE_SECONDS = 30

/** Has the process die that makes room for a run of a worker, before it says so: a worker gets the run all the same, soon. */
export async function unsaidRoom(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const deployment = await deploy(fork, place, { concurrency_limit: 1 })
  const [first, second] = [await create(fork, deployment), await create(fork, deployment)]
  await proposed(fork, first, 'PENDING')
  const status = await proposed(fork, second, 'PENDING')
  const waits = storedRun(fork, second)?.state.name
  if (status !== 'REJECT' || waits !== 'AwaitingConcurrencySlot')
    return [`run ${second} is ${waits} without room: ${status}`]
  await afterOneWrite(fork, () => proposed(fork, first, 'CRASHED'))
  await sweep(fork)
  const polled = await fork.call('pollWorkPool', { name: place.pool }, { limit: 1 })
  const found = (polled.body as Json[]).map(({ flow_run }) => flow_run.id)
  return found.includes(second) ? [] : [`run ${second} has room, and no worker gets it`]
}

/** Has two runs collide where nobody polls: the later one is cancelled once it is due. */
export async function collision(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const options = { collision_strategy: 'CANCEL_NEW' as const }
  const deployment = await deploy(fork, place, { concurrency_limit: 1, concurrency_options: options })
  await proposed(fork, await create(fork, deployment), 'PENDING')
  const due = formatInstant(addSeconds(fork.clock.at, DUE_SECONDS))
  const late = await create(fork, deployment, { state: { type: 'SCHEDULED', state_details: { scheduled_time: due } } })
  await proposed(fork, late, 'PENDING')
  const early = storedRun(fork, late)?.state.name
  if (early !== 'Scheduled') return [`run ${late} is ${early} before it is due, as it collides with another`]
  await sweep(fork)
  const { name } = storedRun(fork, late)?.state ?? { name: 'gone' }
  return name === 'Cancelled' ? [] : [`run ${late} collides with another, and is ${name}`]
}

async function sweep(fork: Fork): Promise<void> {
  for (let n = 0; n < SWEEPS; n += 1) {
    fork.pass(TICK_SECONDS)
    await fork.sweep()
    await fork.deliver()
  }
}

/** Lets the process die that acts, after its first write. */
async function afterOneWrite({ table }: Fork, act: () => Promise<unknown>): Promise<void> {
  const answer = table.answer.bind(table)
  let writes = 0
  table.answer = (command, input) => {
    if (writes > 0) throw new Error('the process died')
    const answered = answer(command, input)
    if (isWrite({ name: command.replace(/Command$/, '') })) writes += 1
    return answered
  }
  await act().catch(() => undefined)
  table.answer = answer
}
