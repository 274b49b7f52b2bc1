import { type EcsTask, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import { ended } from '../afterwards/ended.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

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
