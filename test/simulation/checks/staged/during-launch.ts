import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

/** The same key gives a run that is created again the same id. */
const KEY = 'staged'

/** What others may do while a launch is under way; the ids of the run and its deployment are given. */
const MEANWHILE: Record<string, (fork: Fork, id: string, deployment: string) => Promise<unknown>> = {
  'was cancelled': (fork, id) => proposed(fork, id, 'CANCELLING'),
  'was deleted': (fork, id) => fork.call('deleteFlowRun', { id }),
  'was deleted and created again': async (fork, id, deployment) => {
    await fork.call('deleteFlowRun', { id })
    await create(fork, deployment, { idempotency_key: KEY })
  },
  'was handed out once more': async (fork, id) => {
    await proposed(fork, id, 'SCHEDULED', true)
    await fork.tick()
  },
  ended: (fork, id) => proposed(fork, id, 'CRASHED', true),
}

/** Has something happen to a run while its task is being started: the task is the run's, or is stopped. */
export async function duringLaunch(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const deployment = await deploy(fork, place)
  const id = await create(fork, deployment, { idempotency_key: KEY })
  const did = chance.pick(Object.keys(MEANWHILE)) ?? ''
  const { ecs } = fork
  const run = ecs.run.bind(ecs)
  ecs.run = async (request) => {
    if (request.runId !== id) return await run(request)
    const outcome = await run(request)
    ecs.run = () => Promise.reject(new Error('no answer'))
    await MEANWHILE[did]?.(fork, id, deployment)
    return outcome
  }
  const before = ecs.started.length
  await fork.tick()
  await fork.deliver()
  const task = ecs.started.slice(before).find(({ request }) => request.runId === id)
  if (!task) return [`run ${id} was not launched by a tick`]
  const now = storedRun(fork, id)
  const isOn =
    now?.claim &&
    now.launch?.taskArn === task.news.taskArn &&
    task.news.startedBy === `${id}/${now.life}/${now.generation}`
  const wrong = isOn ? now.state.type === 'CANCELLING' && task.stopAskedAt === null : task.stopAskedAt === null
  return wrong ? [`run ${id} ${did} during its launch, and its task runs on`] : []
}
