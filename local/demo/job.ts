import type { StateType } from '../../shared/flow-run/state.ts'

export type QueueName = 'urgent' | 'bulk'

/** A plain command to be run, and how to tell that it did what it should. */
export interface Job {
  name: string
  flow: string
  queue: QueueName
  command: string[]
  ends: Extract<StateType, 'COMPLETED' | 'FAILED' | 'CANCELLED'>
  /** Compares what the command wrote into the folder with what Node finds by itself. */
  verify?: (folder: string) => boolean
}
