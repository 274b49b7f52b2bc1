import type { StateType } from '#shared/flow-run/state.ts'
import type { Files } from './files.ts'

export type QueueName = 'urgent' | 'bulk'

/** A plain command to run, and how to verify its result. */
export interface Job {
  name: string
  flow: string
  queue: QueueName
  command: string[]
  ends: Extract<StateType, 'COMPLETED' | 'FAILED' | 'CANCELLED'>
  /** Compares the command's output with what Node computes. */
  verify?: (files: Files) => boolean
}

export type QueuelessJob = Omit<Job, 'queue'>

/**
 * A line for the shell, with the folder to write to as $OUT and Node as $NODE. It lingers a while: on files of this
 * size the tools are done before they could be seen holding a slot.
 */
export function shell(line: string, lingerSeconds: number): string[] {
  return ['sh', '-c', `${line} && sleep ${lingerSeconds}`]
}

/** A Node script, which must hold no single quote. */
export function script(source: string, lingerSeconds: number): string[] {
  return shell(`"$NODE" -e '${source}'`, lingerSeconds)
}
