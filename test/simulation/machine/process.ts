import { AsyncLocalStorage } from 'node:async_hooks'
import type { Instant } from '#shared/instant.ts'
import type { Chance } from './chance.ts'

/** One invocation of a function, in a container that serves many. */
export interface Process {
  /** What it is, once in a world: `create_flow_run #3, try 2`. */
  name: string
  /** The verb that it carries out, of which there are many invocations. */
  verb: string
  chance: Chance
  /** By which claim a launched process calls, if it is one that does. */
  claim?: string | undefined
  bornAt: Instant
  /** When its function's time is over. */
  diesAt: Instant
  dead: boolean
  /** How far its container's clock is ahead, in seconds. */
  skewSeconds: number
  /** How many times as long as usual its calls take. */
  slowness: number
}

/** What a process came to, as who started it learns. */
export type Outcome<T> = { kind: 'answered'; value: T } | { kind: 'failed'; error: unknown } | { kind: 'died' }

/** Thrown into the code of a dead process. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied'
}

/** What a client library throws on a timeout, which leaves open whether the call was carried out. */
export function answerLost(call: string): Error {
  return Object.assign(new Error(`no answer to ${call} in time`), { name: 'TimeoutError' })
}

const running = new AsyncLocalStorage<Process>()

/** Runs code as this process: its calls are known by it, as an app that is made once serves many. */
export function runAs<T>(process: Process, code: () => Promise<T>): Promise<T> {
  return running.run(process, code)
}

/** The process that runs now; undefined for code outside of the world, such as its checks. */
export function currentProcess(): Process | undefined {
  return running.getStore()
}
