import type { Job } from '../job.ts'
import { BULK } from './bulk.ts'
import { URGENT } from './urgent.ts'

/** The jobs in the order in which they are sent: the urgent ones last, and yet they must start first. */
export const JOBS: readonly Job[] = [
  ...BULK.map((job): Job => ({ ...job, queue: 'bulk' })),
  ...URGENT.map((job): Job => ({ ...job, queue: 'urgent' })),
]

/** Sent when nothing else runs: how fast a run starts that has to wait for nothing. */
export const LONE_JOB: Job = {
  name: 'alone',
  flow: 'count',
  queue: 'urgent',
  command: ['wc', '-c', 'package.json'],
  ends: 'COMPLETED',
}
