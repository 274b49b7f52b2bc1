import { createRequire, syncBuiltinESMExports } from 'node:module'
import { currentProcess } from './process.ts'
import type { Scheduler } from './scheduler.ts'

const timers = createRequire(import.meta.url)('node:timers/promises') as { setTimeout: typeof sleepReally }
const sleepReally = (await import('node:timers/promises')).setTimeout
const randomReally = Math.random
let scheduler: Scheduler | undefined

/**
 * Lets the processes of this world wait in its time, and draw their backoffs from their own chance: what waits for real
 * would make a world slow, and different each time. One world at a time; code outside of its processes is not concerned.
 */
export function useVirtualTime(of: Scheduler | undefined): void {
  scheduler = of
  timers.setTimeout = of ? (sleepVirtually as unknown as typeof sleepReally) : sleepReally
  Math.random = of ? () => currentProcess()?.chance.next() ?? randomReally() : randomReally
  syncBuiltinESMExports()
}

function sleepVirtually<T>(milliseconds = 0, value?: T): Promise<T | undefined> {
  if (!scheduler || !currentProcess()) return sleepReally(milliseconds, value)
  return scheduler.sleep(milliseconds).then(() => value)
}
