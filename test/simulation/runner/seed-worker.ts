import { parentPort } from 'node:worker_threads'
import { simulateWorld } from '../simulate-world.ts'
import { type Job, profileOfName } from './job.ts'
import { brokenOff, summarize, type WorldSummary } from './world-summary.ts'

/** A thread of `run-seeds.ts`: it runs the world of each seed that it gets, and posts what came of it. */
parentPort?.on('message', (job: Job) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void summaryOf(job).then((world) => parentPort?.postMessage(world))
})

async function summaryOf({ seed, profile }: Job): Promise<WorldSummary> {
  try {
    return summarize(await simulateWorld({ seed, profile: profile === undefined ? undefined : profileOfName(profile) }))
  } catch (error) {
    const problem = `the world broke off: ${error instanceof Error ? error.stack : String(error)}`
    return brokenOff({ seed, profile }, problem)
  }
}
