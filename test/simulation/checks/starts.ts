import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { formatInstant } from '#shared/instant.ts'
import type { Fork } from './fork.ts'
import type { Moment } from './judge.ts'
import { lifeOf, type Picture, pictureOf } from './picture.ts'
import { placesOf } from './places.ts'

/** What is stored in a fork now. */
export function momentOf(fork: Pick<Fork, 'table' | 'clock'>): Moment {
  const items = [...fork.table.items()]
  return { picture: pictureOf(items), places: placesOf(items), now: fork.clock.at }
}

/** Whether a run has been handed out since. */
export function hasStarted(run: FlowRun, { runs }: Picture): boolean {
  return (runs.get(lifeOf(run))?.generation ?? run.generation) > run.generation
}

/** Whether a hold has ended since: then there may be room that was not there. */
export function hasReleased(before: Picture, after: Picture): boolean {
  return [...before.runs.values()].some((run) => {
    const now = after.runs.get(lifeOf(run))
    if (run.claim) return now?.claim?.id !== run.claim.id
    // One that can't be launched gives back at once what it took.
    return now?.claim === null && hasStarted(run, after)
  })
}

/** Polls a run's pool as a worker does, and proposes PENDING if it gets the run. Whether that was accepted. */
export async function startByWorker(fork: Fork, run: FlowRun, { places }: Moment): Promise<boolean> {
  const pool = places.pools.get(run.poolId ?? '')
  if (!pool) return false
  const answer = await fork.call(
    'pollWorkPool',
    { name: pool.name },
    { limit: 200, scheduled_before: formatInstant(fork.clock.at) },
  )
  if (answer.status !== 200) throw new Error(`a poll of ${pool.name} was answered ${answer.status}`)
  const found = answer.body as { flow_run: { id: string } }[]
  if (!found.some(({ flow_run }) => flow_run.id === run.id)) return false
  const set = await fork.call('setFlowRunState', { id: run.id }, { state: { type: 'PENDING' } })
  return set.status < 300 && set.body.status === 'ACCEPT'
}
