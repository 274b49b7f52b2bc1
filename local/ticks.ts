import { randomUUID } from 'node:crypto'
import type { Context, ScheduledEvent } from 'aws-lambda'
import type { Log } from '#shared/deps.ts'
import { invocation, LOCAL_ACCOUNT, LOCAL_REGION } from './invocation.ts'

/** A function that the schedule calls. */
export interface TickTarget {
  name: string
  handle: (event: ScheduledEvent, context: Context) => Promise<unknown>
}

export interface Ticks {
  /** Ends the schedule and waits for the functions that run. */
  stop(): Promise<void>
}

/** Calls functions on a schedule as EventBridge does, and once at the start. A function never overlaps itself. */
export function startTicks({ targets, seconds, log }: { targets: TickTarget[]; seconds: number; log: Log }): Ticks {
  const running = new Map<string, Promise<void>>()
  const tick = () => {
    for (const target of targets) {
      if (running.has(target.name)) continue
      running.set(
        target.name,
        call(target, seconds, log).finally(() => running.delete(target.name)),
      )
    }
  }
  const timer = setInterval(tick, seconds * 1000)
  tick()
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}

async function call({ name, handle }: TickTarget, seconds: number, log: Log): Promise<void> {
  try {
    await handle(scheduledEvent(name), invocation(name, seconds * 1000))
  } catch (error) {
    log.error('a function failed', { function: name, reason: error instanceof Error ? error.stack : String(error) })
  }
}

/** The event of a scheduled rule. */
export function scheduledEvent(ruleName: string): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region: LOCAL_REGION,
    resources: [`arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:rule/${ruleName}`],
    detail: {},
  }
}
