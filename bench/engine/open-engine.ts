import { mkdirSync } from 'node:fs'
import type { Deps, Tasks } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { systemClock, systemIds } from '../../functions/runtime/system.ts'
import { sendDirectly } from '../../local/engine/send-directly.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { LocalMetrics } from '../../local/log.ts'

export interface OpenEngine {
  deps: Deps
  endpoint: string
  stop: () => Promise<void>
}

/** More than any workload launches at once: how fast AWS lets us launch is not what is measured. */
const LAUNCHES_MAX = 1_000_000

/** The real storage engine on a data folder, with the service's engine over it in this process and no service between. */
export async function openEngine(folder: string, tasks: Tasks = idleTasks()): Promise<OpenEngine> {
  mkdirSync(folder, { recursive: true })
  const engine = await startEngine(folder)
  const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
  const direct = sendDirectly(table, engine.endpoint)
  await ensureTable(table)
  await openFormat(table, 'remove the folder')
  const silent = () => {}
  const deps: Deps = {
    table,
    clock: systemClock,
    ids: systemIds,
    wakeUps: { send: () => Promise.resolve() },
    tasks,
    log: { info: silent, warn: silent, error: silent },
    metrics: new LocalMetrics(),
    answers: () => Promise.resolve(true),
    settings: { apiUrl: 'http://127.0.0.1:4200/api', requireKeys: false },
    launchBucket: new LaunchBucket(LAUNCHES_MAX, LAUNCHES_MAX),
  }
  return {
    deps,
    endpoint: engine.endpoint,
    stop: async () => {
      direct.close()
      table.client.destroy()
      await engine.stop()
    },
  }
}

/** A Tasks port that does nothing: every launch is answered at once, and nothing runs. */
export function idleTasks(): Tasks {
  return {
    run: ({ token }) => Promise.resolve({ kind: 'started', taskArn: `arn:aws:ecs:local:0:task/bench/${token}` }),
    stop: () => Promise.resolve(),
    describe: () => Promise.resolve([]),
    listStartedBy: () => Promise.resolve([]),
  }
}
