import type { Deps } from '#shared/deps.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../functions/sweeper/handler.ts'
import { createTaskEvents } from '../../functions/task-events/handler.ts'
import type { DynamoDbEngine } from '../../local/engine/dynoxide.ts'
import { sendDirectly } from '../../local/engine/send-directly.ts'
import { MemoryTable } from '../simulation/table/memory-table.ts'
import { SimulatedEcs } from './ecs/simulated-ecs.ts'
import { sqsEvent, taskEventBody, tickEvent, wakeUpBody } from './lambda-events.ts'
import { openWorld, type World } from './world.ts'

/** A world with an ECS that acts by itself, on a separate table. */
export interface Stage {
  world: World
  ecs: SimulatedEcs
  /** The world's deps, with that ECS. */
  deps: Deps
  close(): void
}

let stages = 0

/**
 * Opens a stage on a new table of an engine that many stages share. Its requests skip the SDK's transport, as those of a
 * local service do: stages make tens of thousands of them.
 */
export async function openStage(engine: DynamoDbEngine, seed?: number): Promise<Stage> {
  stages += 1
  const table = openTable({ tableName: `stage-${stages}`, endpoint: engine.endpoint })
  const direct = sendDirectly(table, engine.endpoint)
  await ensureTable(table)
  return await stageOn(table, seed, () => {
    direct.close()
    table.client.destroy()
  })
}

/** Opens a stage on a table in memory: no engine, a fraction of the time, and indexes that lag as far as one wants. */
export async function openMemoryStage(seed?: number, table = new MemoryTable('stage')): Promise<MemoryStage> {
  return { ...(await stageOn(table, seed, () => undefined)), table }
}

export interface MemoryStage extends Stage {
  table: MemoryTable
}

async function stageOn(table: Table, seed: number | undefined, close: () => void): Promise<Stage> {
  const world = await openWorld({ table, seed })
  const ecs = new SimulatedEcs(world.clock)
  return { world, ecs, deps: { ...world, tasks: ecs }, close }
}

/** Delivers task events and wake-ups until there are none; delayed ones are left to the next tick. */
export async function settle({ world, ecs, deps }: Stage): Promise<void> {
  for (;;) {
    ecs.pass()
    const events = ecs.takeNews().map(taskEventBody)
    const wakeUps = world.sent.splice(0).filter(({ delaySeconds }) => delaySeconds === 0)
    if (events.length + wakeUps.length === 0) return
    await createTaskEvents(deps)(sqsEvent(events))
    await createDispatcher(deps)(sqsEvent(wakeUps.map(wakeUpBody)))
  }
}

/** Lets time pass, then runs the tick: the dispatcher looks at every pool, and the sweep repairs. */
export async function passAndTick({ world, ecs, deps }: Stage, seconds: number): Promise<void> {
  world.clock.pass(seconds)
  ecs.pass()
  const tick = tickEvent(world.clock.now())
  await createDispatcher(deps)(tick)
  await createSweeper(deps)(tick)
}
