import { isStopped } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { inputKeysOf } from '#shared/flow-run/run-input.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { type Moment, waits } from '../judge.ts'
import { lifeOf } from '../picture.ts'
import { momentOf } from '../starts.ts'

/** Something that people do with a run, and what it must have come to when nothing comes in between. */
interface Act {
  words: string
  /** Whether a run is such a one. */
  fits: (run: FlowRun, moment: Moment) => boolean
  act: (fork: Fork, run: FlowRun) => Promise<unknown>
  /** What is wrong with what it has come to; undefined when it is as it has to be. */
  wrong: (now: FlowRun, before: FlowRun, fork: Fork) => boolean
}

/** What acts of people come to, in a fork of their own: a few of them, each with a run that it fits. */
export async function operatedProblems(origin: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  const runs = [...moment.picture.runs.values()]
  const possible = ACTS.flatMap((each) => {
    const run = chance.of(each.words).pick(runs.filter((one) => each.fits(one, moment)))
    return run ? [{ ...each, run }] : []
  })
  const chosen = chance.pick(possible)
  if (!chosen) return []
  const { words, act, wrong, run } = chosen
  const fork = origin.fork()
  await act(fork, run)
  const now = momentOf(fork).picture.runs.get(lifeOf(run))
  if (now && !wrong(now, run, fork)) return []
  return [
    `run ${run.id}, ${run.state.name}, ${words}, and is ${now ? `${now.state.name} (${now.state.type})` : 'gone'}`,
  ]
}

/** Whether all that a run belongs to is there. */
function hasPlace({ deploymentId, poolId, queueId }: FlowRun, { places, picture }: Moment): boolean {
  if (deploymentId !== null && !places.deployments.has(deploymentId)) return false
  if (poolId === null) return deploymentId !== null
  const closing = [`pool#${poolId}` as const, `queue#${queueId}` as const].some(
    (key) => picture.limits.get(key)?.deleting !== false,
  )
  return !closing && places.pools.has(poolId) && places.queues.get(queueId ?? '')?.poolId === poolId
}

const isRetriable = ({ state, deploymentId }: FlowRun): boolean => state.data === null && deploymentId !== null
const isHeld = ({ claim }: FlowRun): boolean => claim !== null
const sameClaim = (now: FlowRun, before: FlowRun): boolean => now.claim?.id === before.claim?.id
const suspends = ({ state, claim }: FlowRun): boolean => state.details.pauseReschedule === true || claim === null
const propose = (fork: Fork, { id }: FlowRun, type: 'SCHEDULED' | 'CANCELLING') =>
  fork.call('setFlowRunState', { id }, { state: { type, message: 'By hand.' } })

const RESUMABLE = ({ state, deploymentId }: FlowRun, { now }: Moment): boolean =>
  state.type === 'PAUSED' &&
  inputKeysOf(state) === undefined &&
  (state.details.pauseTimeout ?? Infinity) > now &&
  (deploymentId !== null || !state.details.pauseReschedule)

const ACTS: readonly Act[] = [
  {
    words: 'was resumed in its process',
    fits: (run, moment) => RESUMABLE(run, moment) && !suspends(run),
    act: (fork, { id }) => fork.call('resumeFlowRun', { id }, {}),
    wrong: (now, before) => now.state.type !== 'RUNNING' || !sameClaim(now, before),
  },
  {
    words: 'was suspended and then resumed',
    fits: (run, moment) => RESUMABLE(run, moment) && suspends(run) && hasPlace(run, moment),
    act: (fork, { id }) => fork.call('resumeFlowRun', { id }, {}),
    wrong: (now, before) => !waits(now) || now.queueId !== before.queueId,
  },
  {
    words: 'was retried',
    fits: (run, moment) => isTerminal(run.state.type) && isRetriable(run) && hasPlace(run, moment),
    act: (fork, run) => propose(fork, run, 'SCHEDULED'),
    wrong: (now, before) =>
      !waits(now) || now.queueId !== before.queueId || now.generation !== before.generation || now.endTime !== null,
  },
  {
    words: 'was cancelled while it waited',
    fits: waits,
    act: (fork, run) => propose(fork, run, 'CANCELLING'),
    wrong: ({ state }) => state.type !== 'CANCELLED',
  },
  {
    words: 'was cancelled at work',
    fits: ({ claim, launch, state }) =>
      claim?.by.kind === 'dispatcher' && launch?.taskArn !== undefined && state.type !== 'CANCELLING',
    act: async (fork, run) => {
      await propose(fork, run, 'CANCELLING')
      await fork.deliver()
    },
    wrong: (now, before, { ecs }) => {
      const task = ecs.started.find(({ news }) => news.taskArn === before.launch?.taskArn)
      if (task && !isStopped(task.news) && task.stopAskedAt === null) return true
      return suspends(before) && before.state.type === 'PAUSED' ? isHeld(now) : now.state.type !== 'CANCELLING'
    },
  },
  {
    words: 'was renamed',
    fits: () => true,
    act: (fork, { id }) => fork.call('updateFlowRun', { id }, { name: 'another' }),
    wrong: (now, before) => essence(now) !== essence(before),
  },
  {
    words: 'was given another policy',
    fits: () => true,
    act: (fork, { id }) => fork.call('updateFlowRun', { id }, { empirical_policy: { retries: 7, retry_delay: 3 } }),
    wrong: (now, before) =>
      now.policy.retries !== 7 ||
      now.policy.retryDelay !== 3 ||
      now.policy.retryType !== before.policy.retryType ||
      essence({ ...now, policy: before.policy }) !== essence(before),
  },
]

/** All of a run but what it is called, and when it was written and called about. */
function essence({ claim, ...run }: FlowRun): string {
  return JSON.stringify({
    ...run,
    claim: claim && { ...claim, seen: undefined },
    revision: 0,
    updated: 0,
    details: null,
  })
}
