import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { pollWorkPool } from '#shared/engine/poll/poll-work-pool.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, NEVER } from '#shared/instant.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { fillLimits, fillQueues, fillRuns } from '../engine/fill.ts'
import { type OpenEngine, openEngine } from '../engine/open-engine.ts'
import { type Stage, setStage } from '../engine/stage.ts'
import { UnitCounter } from '../engine/unit-counter.ts'
import { quantile } from '../report/statistics.ts'
import { dataFolder } from '../service/service-process.ts'
import { timed } from '../service/timed.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const looks: Workload = {
  name: 'looks',
  title: 'What a look at the waiting runs of a pool costs, whatever stands before those that can start',
  run: measure,
}

/** Runs that can start, in each situation, and what a poll asks for. */
const READY = 10
/** Runs that wait for each full limit. */
const WAITERS = 10
/** Of the limits, how many have room in the last situation, where one run waits for each. */
const FREE = 10
const DAY_SECONDS = 86_400
/** The design's bar for what a dispatch reads before its claims. */
const READ_CALLS_BAR = 20
/** No situation is polled for longer than this; where polls are slow, few of them show it. */
const POLL_MS_MAX = 1_500

interface Situation {
  name: string
  /** Puts what it needs into a pool of its own, and the runs that can start behind it. */
  fill: (engine: OpenEngine, stage: Stage) => Promise<void>
}

async function measure(bench: Bench): Promise<Report> {
  const engine = await openEngine(dataFolder(bench.folder))
  bench.onEnd(engine.stop)
  const counter = new UnitCounter()
  counter.watch(engine.deps.table)
  const seen: Look[] = []
  const rows: Row[] = []
  for (const [at, { name, fill }] of situations(bench).entries()) {
    bench.progress(`filling: ${name}`)
    const stage = await setStage(engine.deps, { name: `looks-${at}`, type: 'ecs:push' })
    await fill(engine, stage)
    bench.progress(`looking: ${name}`)
    const look = await lookAt(engine.deps, counter, stage, bench.sizes.samples)
    seen.push(look)
    rows.push(rowOf(name, look, seen[0] ?? look))
  }
  const most = Math.max(...seen.map(({ dispatchReads }) => dispatchReads))
  const notes = [
    `Bar: at most ${READ_CALLS_BAR} read calls of a dispatch before its first claim, and of a poll; found: ${most} and ${Math.max(...seen.map(({ pollReads }) => pollReads))}.`,
    `A poll names no queue and asks for ${READY} runs that are due by now. "×" compares with the first row. In each situation ${READY} runs without a limit of their deployment wait in the last queue, unless there are more. ${WAITERS} runs wait for each full limit of 1, one for each limit where some have room.`,
    'The real operations on the real storage engine, on disk, in the process of the benchmark: no HTTP. Filled in as in backlog; nothing has sent a wake-up.',
  ]
  return { rows, notes, errors: [] }
}

function situations({ sizes: { queues, idleQueues, fullLimits } }: Bench): Situation[] {
  return [
    ...queues.map((count) => ({
      name: count === 1 ? 'one queue' : `${count} queues with runs`,
      fill: async (engine: OpenEngine, { pool, deployment }: Stage) => {
        const queueIds = await fillQueues(engine, pool, count)
        await fillRuns(engine, deployment, { count: Math.max(count, READY), queueIds })
      },
    })),
    {
      name: `behind ${idleQueues} paused queues`,
      fill: async (engine, { pool, deployment }) => {
        const queueIds = await fillQueues(engine, pool, idleQueues + 1, idleQueues)
        await fillRuns(engine, deployment, { count: idleQueues, queueIds })
        await fillRuns(engine, deployment, { count: READY, queueIds: queueIds.slice(-1) })
      },
    },
    {
      name: `behind ${idleQueues} queues due tomorrow`,
      fill: async (engine, { pool, deployment }) => {
        const queueIds = await fillQueues(engine, pool, idleQueues + 1)
        const tomorrow = addSeconds(engine.deps.clock.now(), DAY_SECONDS)
        const change = (): Partial<FlowRun> => ({ expectedStartTime: tomorrow, nextScheduledStartTime: tomorrow })
        await fillRuns(engine, deployment, { count: idleQueues, queueIds, change })
        await fillRuns(engine, deployment, { count: READY, queueIds: queueIds.slice(-1) })
      },
    },
    { name: `behind ${fullLimits} full limits`, fill: behindLimits({ count: fullLimits, free: 0, waiters: WAITERS }) },
    {
      name: `behind ${fullLimits} limits, ${FREE} of them with room`,
      fill: behindLimits({ count: fullLimits, free: FREE, waiters: 1 }),
    },
  ]
}

function behindLimits({ count, free, waiters }: { count: number; free: number; waiters: number }): Situation['fill'] {
  return async (engine, { pool, deployment }) => {
    const queueIds = await fillQueues(engine, pool, 1)
    const limited = await fillLimits(engine, deployment, { count, free })
    const change = (at: number): Partial<FlowRun> => {
      const deploymentId = limited[at % count] ?? ''
      return { deploymentId, blockedBy: deploymentLimit(deploymentId) }
    }
    await fillRuns(engine, deployment, { count: count * waiters, queueIds, change })
    await fillRuns(engine, deployment, { count: READY, queueIds })
  }
}

interface Look {
  answered: number
  pollMs: number
  pollReads: number
  pollUnits: number
  dispatchReads: number
  claimed: number
}

/** Polls a pool again and again, and then dispatches as many runs as a poll answers. */
async function lookAt(deps: Deps, counter: UnitCounter, { pool }: Stage, samples: number): Promise<Look> {
  const poll = () => pollWorkPool(deps, pool.name, { limit: READY, scheduledBefore: deps.clock.now() })
  // The first one notes that the pool was polled, which later ones need not do.
  const { length: answered } = await poll()
  counter.reset()
  counter.step = 'poll'
  await poll()
  const polled = counter.of('poll')
  counter.step = 'timed'
  const times: number[] = []
  const until = performance.now() + POLL_MS_MAX
  while (times.length < samples && performance.now() < until) await timed(times, poll)
  const { dispatchReads, claimed } = await dispatchOnce(deps, counter, pool.id)
  const { reads: pollReads, read: pollUnits } = polled
  return { answered, pollMs: quantile(times, 0.5), pollReads, pollUnits, dispatchReads, claimed }
}

async function dispatchOnce(deps: Deps, counter: UnitCounter, poolId: string) {
  const { middlewareStack } = deps.table.client
  const name = 'untilClaim'
  counter.step = 'dispatch'
  middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === 'TransactWriteItemsCommand') counter.step = 'claimed'
      return await next(args)
    },
    { step: 'initialize', name, priority: 'high' },
  )
  const few = { ...deps, launchBucket: new LaunchBucket(1, READY) }
  const { claimed } = await dispatchPool(few, poolId, NEVER)
  middlewareStack.remove(name)
  return { claimed, dispatchReads: counter.of('dispatch').reads }
}

function rowOf(name: string, look: Look, simple: Look): Row {
  return {
    situation: name,
    answered: look.answered,
    'poll p50 ms': look.pollMs,
    '× time': look.pollMs / simple.pollMs,
    'read calls': look.pollReads,
    '× calls': look.pollReads / simple.pollReads,
    'read units': look.pollUnits,
    'dispatch: read calls': look.dispatchReads,
    claimed: look.claimed,
  }
}
