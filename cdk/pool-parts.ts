import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Api } from './api.ts'
import type { Compute } from './compute.ts'
import type { Functions } from './functions.ts'
import type { WorkQueue } from './queue.ts'
import type { PoolTable } from './table.ts'

/** What a pushpool is made of, for those who watch it and for those who build on it. */
export interface PoolParts {
  /** Distinguishes its metrics from those of others in the region. */
  readonly name: string
  readonly table: PoolTable
  readonly api: Api
  readonly compute: Compute
  readonly functions: Functions
  readonly wakeUps: WorkQueue
  readonly taskEvents: WorkQueue
  /** Ticks that failed. */
  readonly deadTicks: Queue
}
