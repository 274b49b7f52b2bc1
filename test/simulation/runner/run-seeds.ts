import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job } from './job.ts'
import type { WorldSummary } from './world-summary.ts'

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
  const workers: Worker[] = []
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  const threads = Array.from({ length: availableParallelism() }, async () => {
    const first = jobs.next()
    if (first.done) return
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url))
    workers.push(worker)
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => resolve())
      worker.on('message', (world: WorldSummary) => {
        onWorld(world)
        const next = jobs.next()
        if (next.done) void worker.terminate()
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        else worker.postMessage(next.value)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(first.value)
    })
  })
  const end = async () => {
    try {
      await Promise.race([Promise.all(threads), stopped])
    } finally {
      await Promise.all(workers.map(async (worker) => await worker.terminate()))
    }
  }
  return { done: end(), stop }
}
