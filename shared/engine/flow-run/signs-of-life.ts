import { isDeepStrictEqual } from 'node:util'
import type { Deps } from '#shared/deps.ts'
import { isHeldByClient, isSignDue, signSeconds } from '#shared/flow-run/sign-of-life.ts'
import { staleness } from '#shared/flow-run/staleness.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { recordSign } from '#shared/storage/flow-run/record-sign.ts'
import { getUptime } from '#shared/storage/service/get-uptime.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import type { Uptime } from '#shared/work-pool/uptime.ts'

/** How long this process goes by what it has read of the pools' settings. */
const SETTINGS_SECONDS = 15
/** Runs remembered; beyond that the oldest are forgotten, and read once more. */
const RUNS_MAX = 10_000

/** The runs that a call is about, by their own ids or by those of task runs in them. */
export interface CalledFor {
  runIds: readonly string[]
  taskRunIds: readonly string[]
  fence?: Fence | undefined
}

/**
 * Writes down that runs of stock workers live, in pools that ask for it: at most once in a third of the pool's time. What
 * it knows is this process's own, so where many serve calls, a run is read by each of them, and written by one.
 */
export class SignsOfLife {
  readonly #deps: Deps
  #pools: Uptime['pools'] = {}
  #readAt: Instant | undefined
  /** Until when nothing needs to be known of a run. */
  readonly #settled = new Map<string, Instant>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Whether any pool wants to know; costs a read of half a unit every fifteen seconds in which there are calls. */
  async areWanted(): Promise<boolean> {
    const now = this.#deps.clock.now()
    if (this.#readAt === undefined || addSeconds(this.#readAt, SETTINGS_SECONDS) <= now) {
      this.#readAt = now
      const pools = (await getUptime(this.#deps.table, false))?.pools ?? {}
      // What was settled may be too long for a pool whose time was shortened.
      if (!isDeepStrictEqual(pools, this.#pools)) this.#settled.clear()
      this.#pools = pools
    }
    return Object.keys(this.#pools).length > 0
  }

  /** Notes a call. */
  async note({ runIds, taskRunIds, fence }: CalledFor): Promise<void> {
    const tasks = await getTaskRuns(this.#deps.table, taskRunIds)
    const all = new Set([...runIds, ...tasks.flatMap((task) => task.flowRunId ?? [])])
    for (const runId of all) await this.#noteOf(runId, fence)
  }

  async #noteOf(runId: string, fence: Fence | undefined): Promise<void> {
    const now = this.#deps.clock.now()
    if ((this.#settled.get(runId) ?? 0) > now) return
    const run = await getRun(this.#deps.table, runId)
    const minutes = run?.poolId ? this.#pools[run.poolId]?.minutes : undefined
    if (!run || !minutes || !isHeldByClient(run)) return this.#settle(runId, addSeconds(now, SETTINGS_SECONDS))
    if (fence && staleness(run, fence) !== undefined) return
    if (isSignDue(run, minutes, now)) await recordSign(this.#deps.table, run, now)
    const seen = Math.max(run.claim.seen ?? 0, isSignDue(run, minutes, now) ? now : 0)
    this.#settle(runId, addSeconds(seen, signSeconds(minutes)))
  }

  #settle(runId: string, until: Instant): void {
    this.#settled.delete(runId)
    this.#settled.set(runId, until)
    const [oldest] = this.#settled.keys()
    if (this.#settled.size > RUNS_MAX && oldest !== undefined) this.#settled.delete(oldest)
  }
}
