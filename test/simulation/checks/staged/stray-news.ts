import { type EcsTask, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import { ended } from '../afterwards/ended.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

const OTHER_ARN = 'arn:aws:ecs:us-east-1:123456789012:task/pushpool/ffffffffffffffffffffffffffffffff'
const OTHER_LIFE = '0123456789abcdef'
/** Long before the claim, whatever clocks say. */
const BEFORE_SECONDS = 120

/** Reports the ends of tasks that are not the one of a held run: it is held on. */
export async function strayNews(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const id = await create(fork, await deploy(fork, place))
  // What a launch leaves that nobody answers is not on record.
  const recorded = chance.hits(0.5)
  if (!recorded) fork.ecs.refuse = () => new Error('no answer')
  await fork.tick()
  const run = storedRun(fork, id)
  if (run?.claim?.by.kind !== 'dispatcher') return [`run ${id} was not handed out by a tick`]
  const strays = recorded ? ['another task'] : ['another life', 'an earlier generation', 'an earlier time']
  const stray = chance.pick(strays) ?? 'another task'
  await fork.report([ended(taskOf(run, stray), fork.clock.at)])
  const now = storedRun(fork, id)
  const same = now?.state.type === 'PENDING' && now.claim?.id === run.claim.id
  return same ? [] : [`run ${id} is ${now?.state.name} as ${stray} has ended`]
}

/** A task that some launch has started, though not this one. */
function taskOf(run: FlowRun, stray: string): EcsTask {
  const { life, generation } = run
  const at = run.claim?.at ?? 0
  return {
    taskArn: OTHER_ARN,
    startedBy: startedByOf({
      id: run.id,
      life: stray === 'another life' ? OTHER_LIFE : life,
      generation: stray === 'an earlier generation' ? generation - 1 : generation,
    }),
    lastStatus: 'RUNNING',
    version: 2,
    stopCode: null,
    stoppedReason: null,
    createdAt: stray === 'an earlier time' ? addSeconds(at, -BEFORE_SECONDS) : at,
    startedAt: at,
    stoppedAt: null,
    containers: [{ name: 'main', exitCode: null, reason: null }],
  }
}

/** Reports that a task runs which no run needs: it is stopped. */
export async function unwantedTask(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const id = await create(fork, await deploy(fork, place))
  await fork.tick()
  const run = storedRun(fork, id)
  if (!run?.claim) return [`run ${id} was not handed out by a tick`]
  const stray = chance.pick(['another life', 'an earlier generation', 'another task']) ?? ''
  const stopped: string[] = []
  fork.ecs.stop = (taskArn) => {
    stopped.push(taskArn)
    return Promise.resolve()
  }
  await fork.report([taskOf(run, stray)])
  await fork.deliver()
  return stopped.includes(OTHER_ARN) ? [] : [`the task of ${stray} of run ${id} runs, and is not stopped`]
}

/** Has a run cancelled whose launch was made and not answered: its task is stopped as soon as there is news of it. */
export async function unknownTask(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const id = await create(fork, await deploy(fork, place))
  const { ecs } = fork
  const run = ecs.run.bind(ecs)
  ecs.run = async (request) => {
    await run(request)
    throw new Error('no answer')
  }
  await fork.tick()
  await proposed(fork, id, 'CANCELLING')
  await fork.deliver()
  const task = ecs.started.find(({ request }) => request.runId === id)
  if (!task || task.stopAskedAt !== null) return []
  await fork.report([{ ...task.news, lastStatus: 'RUNNING', version: task.news.version + 1, startedAt: fork.clock.at }])
  await fork.deliver()
  return task.stopAskedAt === null ? [`run ${id} was cancelled before its task was known, and that runs on`] : []
}
