import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, proposed } from './place.ts'

/** Has a task run created twice, as by a request whose answer was lost: it is the same one, as far as it has come. */
export async function taskTwice(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const id = await create(fork, await deploy(fork, place))
  for (const type of ['PENDING', 'RUNNING']) await proposed(fork, id, type)
  const task = { flow_run_id: id, task_key: 'staged', dynamic_key: '0', state: { type: 'PENDING' as const } }
  const first = await fork.call('createTaskRun', task)
  const taskId = first.body.id as string
  const type = chance.pick(['RUNNING', 'COMPLETED'] as const) ?? 'RUNNING'
  await fork.call('setTaskRunState', { id: taskId }, { state: { type: 'RUNNING' } })
  if (type === 'COMPLETED') await fork.call('setTaskRunState', { id: taskId }, { state: { type } })
  const again = await fork.call('createTaskRun', task)
  const { state_type: now } = (await fork.call('getTaskRun', { id: taskId })).body as { state_type: string }
  return again.body.id === taskId && now === type
    ? []
    : [`task run ${taskId}, ${type}, was created once more as ${again.body.id as string}, and is ${now}`]
}
