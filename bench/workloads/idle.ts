import { TICK_SECONDS } from '#shared/bounds.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../functions/sweeper/handler.ts'
import { scheduledEvent } from '../../local/ticks.ts'
import { openEngine } from '../engine/open-engine.ts'
import { setStage } from '../engine/stage.ts'
import { UnitCounter } from '../engine/unit-counter.ts'
import { dataFolder } from '../service/service-process.ts'
import type { Bench, Report, Workload } from '../workload.ts'

const POOLS = 2

export const idle: Workload = {
  name: 'idle',
  title: 'Cost of an idle service',
  run: measure,
}

async function measure(bench: Bench): Promise<Report> {
  const { deps, stop } = await openEngine(dataFolder(bench.folder))
  bench.onEnd(stop)
  for (let at = 0; at < POOLS; at += 1) await setStage(deps, { name: `idle-${at}`, type: 'ecs:push' })
  const counter = new UnitCounter()
  counter.watch(deps.table)
  const targets = { dispatcher: createDispatcher(deps), sweeper: createSweeper(deps) }
  for (const [name, handle] of Object.entries(targets)) {
    counter.step = name
    await handle(scheduledEvent(name))
  }
  const ticksPerMinute = 60 / TICK_SECONDS
  const rows = Object.keys(targets).map((name) => {
    const { requests, read, write } = counter.of(name)
    return {
      tick: name,
      'invocations per minute': ticksPerMinute,
      'table requests per minute': requests * ticksPerMinute,
      'read units per tick': read,
      'write units per tick': write,
    }
  })
  const notes = [
    `${POOLS} push pools with 2 queues each and the API's default job template, no runs, no agents. Counted at the table's client while the handlers run on the real storage engine.`,
    'Not counted: the long polls of the SQS event sources, which AWS makes, and the cost of alarms and dashboards.',
  ]
  return { rows, notes, errors: [] }
}
