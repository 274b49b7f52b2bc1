import { mkdirSync } from 'node:fs'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import type { AgentLog, AgentOptions } from './agent-options.ts'
import type { Agent, AgentStatus, Outcome } from './agent-status.ts'
import { ClaimLoop } from './claim/claim-loop.ts'
import { freeSlots } from './claim/claim-request.ts'
import { Ending } from './claim/ending.ts'
import { watchLoop } from './claim/watch-loop.ts'
import { Executors } from './execute/executors.ts'
import { AGENT_EXIT } from './exit-code.ts'
import { Api } from './report/api.ts'
import { Courier } from './report/courier.ts'
import { wordsOf } from './report/failure.ts'
import { LogSpool } from './report/log-spool.ts'
import { Holds } from './run/holds.ts'
import { Lease } from './run/lease.ts'

/** Starts an agent: it claims work of its queues, runs it, and reports how it ended, until it is told to end. */
export function startAgent(options: AgentOptions, { log }: { log: AgentLog }): Agent {
  try {
    mkdirSync(options.workDir, { recursive: true, mode: 0o700 })
    return assemble(options, log, new Api(options))
  } catch (error) {
    log.error(wordsOf(error))
    return neverStarted()
  }
}

function assemble(options: AgentOptions, log: AgentLog, api: Api): Agent {
  const outcomes = newOutcomes()
  const [lease, spool, courier] = [new Lease(), new LogSpool(), new Courier(api)]
  const watcher = new ChildWatcher({ program: options.watcherProgram })
  const executors = new Executors(watcher, options)
  const holds = new Holds({ options, log, api, courier, lease, spool, executors }, (outcome) => {
    outcomes[outcome] += 1
    loop.slotFreed()
  })
  const ending = new Ending({ options, holds, log, onChange: () => loop.endingChanged() })
  const loop = new ClaimLoop({ options, log, api, holds, lease, ending, feed: (until) => watcher.feed(until) })
  let close = () => {}
  const stuck = new Promise<number>((resolve) => {
    const watch = watchLoop(loop, () => {
      log.error('No call has ended for so long that the agent must be stuck.')
      resolve(AGENT_EXIT.stuck)
    })
    close = () => watch.close()
  })
  let ended = false
  const looped = loop.run().catch((error: unknown) => {
    log.error(wordsOf(error))
    return AGENT_EXIT.failed
  })
  const done = Promise.race([looped, stuck]).then(async (code) => {
    close()
    ending.close()
    holds.orderAll({ kind: 'lost' })
    // What it still watches ends with it.
    await watcher.close()
    ended = true
    log.info('Agent stopped!')
    return code
  })
  const stateOf = (): AgentStatus['state'] => {
    if (ended) return 'ended'
    if (ending.draining) return 'draining'
    if (loop.lastAnswerAt === undefined) return 'starting'
    return loop.paused ? 'paused' : 'online'
  }
  const status = (): AgentStatus => ({
    state: stateOf(),
    lastAnswerAgeSeconds: loop.lastAnswerAt === undefined ? null : hostSeconds() - loop.lastAnswerAt,
    calls: { ...loop.calls },
    claimed: holds.taken,
    holding: holds.size,
    running: holds.inPhase('running'),
    slotsFree: options.limit === null ? null : freeSlots(options.limit, holds.size),
    leaseRenewals: lease.renewals,
    leaseSecondsLeft: holds.size === 0 ? null : lease.secondsLeft,
    outcomes: { ...outcomes },
    spooledLogBytes: spool.pendingBytes,
    spooledStates: holds.inPhase('reporting'),
  })
  return { done, drain: () => ending.drain(), endNow: () => ending.endNow(), status }
}

function newOutcomes(): Record<Outcome, number> {
  return { completed: 0, failed: 0, crashed: 0, cancelled: 0, handed_back: 0, reported_itself: 0, lost: 0 }
}

function neverStarted(): Agent {
  const status = (): AgentStatus => ({
    state: 'ended',
    lastAnswerAgeSeconds: null,
    calls: { ok: 0, failed: 0 },
    claimed: 0,
    holding: 0,
    running: 0,
    slotsFree: null,
    leaseRenewals: 0,
    leaseSecondsLeft: null,
    outcomes: newOutcomes(),
    spooledLogBytes: 0,
    spooledStates: 0,
  })
  return { done: Promise.resolve(AGENT_EXIT.failed), drain: () => {}, endNow: () => {}, status }
}
