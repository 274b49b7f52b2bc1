import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { momentOf } from '../starts.ts'
import { create, deploy, openPlace, type Place, proposed, storedRun } from './place.ts'

const QUEUE = 'staged'
const SWEEPS = 2

/** What is gone when a run that has ended is retried, and whether it can be. */
const GONE: Record<string, { can: boolean; remove: (fork: Fork, place: Place, id: string) => Promise<unknown> }> = {
  nothing: { can: true, remove: () => Promise.resolve() },
  'its queue': { can: true, remove: (fork, { pool }) => fork.call('deleteWorkQueue', { pool, queue: QUEUE }) },
  'its queue, which nothing names': {
    can: true,
    remove: async (fork, { pool }, id) => {
      await fork.call('updateDeployment', { id }, { work_pool_name: pool, work_queue_name: 'default' })
      await fork.call('deleteWorkQueue', { pool, queue: QUEUE })
    },
  },
  'its pool': { can: false, remove: (fork, { pool }) => fork.call('deleteWorkPool', { name: pool }) },
  'its deployment': { can: false, remove: (fork, _place, id) => fork.call('deleteDeployment', { id }) },
}

/** Has a run retried, where something of it is gone: it starts again, or it is not accepted. */
export async function retried(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const job = { job_variables: {}, entrypoint: 'flow.py:main' }
  const deployment = await deploy(fork, place, { ...job, work_queue_name: QUEUE })
  const id = await create(fork, deployment)
  await fork.tick()
  await proposed(fork, id, 'RUNNING')
  await proposed(fork, id, chance.pick(['FAILED', 'CRASHED', 'CANCELLED', 'COMPLETED']) ?? 'FAILED')
  const gone = chance.pick(Object.keys(GONE)) ?? 'nothing'
  const { can = false, remove } = GONE[gone] ?? {}
  await remove?.(fork, place, deployment)
  const accepted = (await proposed(fork, id, 'SCHEDULED')) === 'ACCEPT'
  if (accepted !== can) return [`run ${id} is retried without ${gone}, and that is ${accepted ? '' : 'not '}accepted`]
  if (!accepted) return []
  const { queueId } = storedRun(fork, id) ?? {}
  const { places } = momentOf(fork)
  if (!places.queues.has(queueId ?? '')) return [`run ${id} is retried without ${gone}, in a queue that is not there`]
  for (let n = 0; n < SWEEPS; n += 1) {
    fork.pass(TICK_SECONDS)
    await fork.tick()
  }
  return storedRun(fork, id)?.generation === 2 ? [] : [`run ${id} is retried without ${gone}, and does not start`]
}
