import type { Clock, CountWakeUp, Deps, Ids, Log, Metrics, Tasks, WakeUp } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { timeOrderedId } from '#shared/ids.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { startDynoxide } from '../../local/engine/dynoxide.ts'
import { FakeTasks } from './ecs/fake-tasks.ts'

/** A clock that stands still until a test advances it. */
export class TestClock implements Clock {
  #now: Instant = Date.UTC(2026, 0, 15, 12) * 1000
  /** Each reading is one microsecond later, as instants of one run are distinguished by their time. */
  now(): Instant {
    this.#now += 1
    return this.#now
  }
  pass(seconds: number): void {
    this.#now = addSeconds(this.#now, seconds)
  }
}

/** Ids and chance from a seed (mulberry32), so that a failing test fails again. */
export function seededIds(clock: Clock, seed = 1): Ids {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => Math.floor(random() * 256))
  return {
    random,
    uuid: () => timeOrderedId(Math.floor(clock.now() / 1000), bytes(10)),
    life: () => Buffer.from(bytes(8)).toString('hex'),
    token: () => Buffer.from(bytes(12)).toString('base64url'),
  }
}

/** Deps over a real table, with a still clock and recorded side effects. */
export interface World extends Deps {
  clock: TestClock
  tasks: Tasks & FakeTasks
  sent: (WakeUp & { delaySeconds: number })[]
  /** The wake-ups that name a limit instead of a pool. */
  counts: (CountWakeUp & { delaySeconds: number })[]
  logged: { level: string; message: string; fields?: Record<string, unknown> | undefined }[]
  counted: Map<string, number>
  /** Whether the service's own address answers. */
  answering: boolean
  longest: Map<string, number>
  close(): Promise<void>
}

export async function openWorld(options: { seed?: number | undefined; table?: Table } = {}): Promise<World> {
  const engine = options.table ? undefined : await startDynoxide()
  const table = options.table ?? openTable({ tableName: 'pushpool', endpoint: engine?.endpoint })
  if (engine) await ensureTable(table)
  const clock = new TestClock()
  const sent: World['sent'] = []
  const counts: World['counts'] = []
  const logged: World['logged'] = []
  const counted: World['counted'] = new Map()
  const longest: World['longest'] = new Map()
  const log: Log = {
    info: (message, fields) => logged.push({ level: 'info', message, fields }),
    warn: (message, fields) => logged.push({ level: 'warn', message, fields }),
    error: (message, fields) => logged.push({ level: 'error', message, fields }),
  }
  const metrics: Metrics = {
    count: (name, value) => counted.set(name, (counted.get(name) ?? 0) + value),
    seconds: (name, value) => longest.set(name, Math.max(longest.get(name) ?? 0, value)),
  }
  const world: World = {
    table,
    clock,
    ids: seededIds(clock, options.seed),
    tasks: new FakeTasks(clock),
    wakeUps: {
      send: (wakeUps) => {
        for (const wakeUp of wakeUps) {
          if ('count' in wakeUp) counts.push(wakeUp)
          else sent.push(wakeUp)
        }
        return Promise.resolve()
      },
    },
    log,
    metrics,
    answering: true,
    answers: () => Promise.resolve(world.answering),
    settings: { apiUrl: 'http://127.0.0.1:4200/api', requireKeys: false },
    launchBucket: new LaunchBucket(1000, 1000),
    sent,
    counts,
    logged,
    counted,
    longest,
    close: async () => {
      if (!engine) return
      table.client.destroy()
      await engine.stop()
    },
  }
  return world
}
