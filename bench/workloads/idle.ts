import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { addSeconds } from '#shared/instant.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../functions/sweeper/handler.ts'
import { scheduledEvent } from '../../local/ticks.ts'
import { openEngine } from '../engine/open-engine.ts'
import { setStage } from '../engine/stage.ts'
import { UnitCounter } from '../engine/unit-counter.ts'
import { dataFolder } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

/** The design's bar for both ticks together. */
const UNITS_PER_POOL_BAR = 1
/** What a tick does may differ from the last one's, as repairs take turns. */
const TICKS = 12
/** Ticks before those: what a new process looks at once is no cost of an idle service. */
const FIRST_TICKS = 2

export const idle: Workload = {
  name: 'idle',
  title: 'Cost of an idle service',
  run: measure,
}

async function measure(bench: Bench): Promise<Report> {
  const { deps, stop } = await openEngine(dataFolder(bench.folder))
  bench.onEnd(stop)
  const counter = new UnitCounter()
  counter.watch(deps.table)
  const rows: Row[] = []
  let before = new Map<string, number>()
  let made = 0
  for (const pools of bench.sizes.pools.toSorted((a, b) => a - b)) {
    bench.progress(`${pools} pools`)
    const more = pools - made
    for (; made < pools; made += 1) await setStage(deps, { name: `idle-${made}`, type: 'ecs:push' })
    counter.reset()
    const units = await tick(deps, counter)
    for (const [name, { requests, read, write }] of units) {
      rows.push({
        pools,
        tick: name,
        'invocations per minute': 60 / TICK_SECONDS,
        'table requests per tick': requests,
        'read units per tick': read,
        'of each further pool': before.has(name) ? (read - (before.get(name) ?? 0)) / more : '',
        'write units per tick': write,
      })
    }
    before = new Map([...units].map(([name, { read }]) => [name, read]))
  }
  const notes = [
    `Bar: each further pool costs at most ${UNITS_PER_POOL_BAR} read unit per tick, of both together, while nothing is active.`,
    `Push pools with 2 queues each and the API's default job template, no runs, no agents. Means of ${TICKS} ticks, after the first ${FIRST_TICKS} of the process, counted at the table's client while the handlers run on the real storage engine.`,
    'Not counted: the long polls of the SQS event sources, which AWS makes, and the cost of alarms and dashboards.',
  ]
  return { rows, notes, errors: [] }
}

/** Some ticks of both functions, a minute of the engine's clock apart. */
async function tick(
  deps: Deps,
  counter: UnitCounter,
): Promise<Map<string, Record<'requests' | 'read' | 'write', number>>> {
  let minutes = 0
  const clock = { now: () => addSeconds(deps.clock.now(), minutes * TICK_SECONDS) }
  const later: Deps = { ...deps, clock }
  const targets = { dispatcher: createDispatcher(later), sweeper: createSweeper(later) }
  for (; minutes < FIRST_TICKS + TICKS; minutes += 1) {
    for (const [name, handle] of Object.entries(targets)) {
      counter.step = minutes < FIRST_TICKS ? 'not counted' : name
      await handle(scheduledEvent(name))
    }
  }
  counter.step = 'not counted'
  return new Map(
    Object.keys(targets).map((name) => {
      const { requests, read, write } = counter.of(name)
      return [name, { requests: requests / TICKS, read: read / TICKS, write: write / TICKS }]
    }),
  )
}
