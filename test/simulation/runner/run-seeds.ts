import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job } from './job.ts'
import { brokenOff, type WorldSummary } from './world-summary.ts'

/** Hundreds of times what a world takes: code that loops without a call would never end. */
const WORLD_MINUTES_MAX = 2
/** Most of what a world makes is gone soon: where there is room for it, little is copied in between. */
const YOUNG_MEGABYTES = 96

/** Worlds on several threads. */
export interface SeedRun {
  /** Settles when all seeds are done, or the run was stopped. Rejects when a thread broke off. */
  done: Promise<void>
  /** Ends it, without the worlds that are under way. */
  stop(): void
}

/**
 * Runs the worlds of these seeds, on as many threads as there are cores; `onWorld` hears of each, in the order of their
 * ends.
 */
export function runSeeds(jobs: Iterator<Job>, onWorld: (world: WorldSummary) => void): SeedRun {
  const workers = new Set<Worker>()
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  const threads = Array.from({ length: availableParallelism() }, async () => {
    let worker: Worker | undefined
    for (let next = jobs.next(); !next.done; next = jobs.next()) {
      worker ??= openWorker(workers)
      const world = await worldOf(worker, next.value)
      onWorld(world ?? brokenOff(next.value, `the world did not end within ${WORLD_MINUTES_MAX} minutes`))
      if (world) continue
      await worker.terminate()
      worker = undefined
    }
  })
  const end = async () => {
    try {
      await Promise.race([Promise.all(threads), stopped])
    } finally {
      await Promise.all([...workers].map(async (worker) => await worker.terminate()))
    }
  }
  return { done: end(), stop }
}

function openWorker(workers: Set<Worker>): Worker {
  const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
  return worker
}

/** What a thread says of a world; undefined when it takes too long. Rejects when the thread breaks off. */
async function worldOf(worker: Worker, job: Job): Promise<WorldSummary | undefined> {
  const over = AbortSignal.timeout(WORLD_MINUTES_MAX * 60_000)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(job)
  try {
    const [world] = (await once(worker, 'message', { signal: over })) as [WorldSummary]
    return world
  } catch (error) {
    if (over.aborted) return undefined
    throw error
  }
}
