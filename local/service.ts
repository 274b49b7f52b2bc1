import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps, Log } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { writeLogs } from '#shared/engine/log/write-logs.ts'
import { createApiHandler } from '../functions/api/handler.ts'
import { createAuthorizer } from '../functions/authorizer/handler.ts'
import { createDispatcher } from '../functions/dispatcher/handler.ts'
import { answersAt } from '../functions/runtime/answers-at.ts'
import { systemClock, systemIds } from '../functions/runtime/system.ts'
import { createSweeper } from '../functions/sweeper/handler.ts'
import { createTaskEvents } from '../functions/task-events/handler.ts'
import { openStorage, type Storage, type StorageOptions } from './engine/storage.ts'
import { openGateway } from './gateway/gateway.ts'
import { takeLock } from './lock.ts'
import { LocalMetrics } from './log.ts'
import { LocalQueue } from './queue/local-queue.ts'
import { wakeUpsOver } from './queue/wake-up-queue.ts'
import { StartList } from './start-list.ts'
import { LocalTasks } from './tasks/local-tasks.ts'
import { startTicks } from './ticks.ts'

export interface ServiceOptions extends StorageOptions {
  /** 0 for any free port. */
  port: number
  log: Log
  /** Where the commands of tasks run; the current folder unless given. */
  cwd?: string
  /** Whether callers must show an API key; by default loopback is the fence, as the guard of the gateway keeps it. */
  requireKeys?: boolean
  /** The API key that tasks find in their environment. */
  taskApiKey?: string | undefined
  tickSeconds?: number
  stopTimeoutSeconds?: number
}

export interface Service {
  url: string
  dataDir: string
  deps: Deps & { metrics: LocalMetrics }
  /** Settles when the engine exits unexpectedly; nothing works then. */
  engineLost: Promise<void>
  /** Accepts nothing more, finishes what is in flight and stops; tasks go on without the service. */
  stop(): Promise<void>
}

/** What a machine of one's own can spawn; ECS has less. */
const LAUNCHES_PER_SECOND = 200
const LAUNCH_BURST = 200
/** ECS's default wait between SIGTERM and SIGKILL. */
const STOP_TIMEOUT_SECONDS = 30
/** Longer than an invocation of the function, as a visibility timeout has to be. */
const WAKE_UP_VISIBILITY_SECONDS = 60
const TASK_EVENT_VISIBILITY_SECONDS = 10

/** Starts the whole service in this process: the functions of the stack, and stand-ins for what AWS puts around them. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const started = new StartList(options.log)
  try {
    return await startParts({ ...options, dataDir: resolve(options.dataDir) }, started)
  } catch (error) {
    await started.stop()
    throw error
  }
}

async function startParts(options: ServiceOptions, started: StartList): Promise<Service> {
  const { dataDir, log, port, tickSeconds = TICK_SECONDS } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = takeLock(dataDir)
  started.add('lock', () => lock.release())
  const gateway = await openGateway({ port, log })
  started.add('port', () => gateway.close())
  const { table, changes, engineLost } = await openStorage(options, started)
  const { deps, wakeUps, taskEvents } = openDeps(options, `${gateway.url}/api`, { table, changes }, started)
  const dispatcher = createDispatcher(deps)
  taskEvents.start(createTaskEvents(deps))
  started.add('task events', () => taskEvents.stop())
  wakeUps.start(dispatcher)
  started.add('wake-ups', () => wakeUps.stop())
  const targets = [
    { name: 'dispatcher', handle: dispatcher },
    { name: 'sweeper', handle: createSweeper(deps) },
  ]
  const ticks = startTicks({ targets, seconds: tickSeconds, log })
  started.add('ticks', () => ticks.stop())
  gateway.serve({ api: createApiHandler(deps), authorizer: createAuthorizer(deps) })
  started.add('gateway', () => gateway.close())
  // First of all, as the gateway lets calls finish, and agents' wait for work.
  started.add('changes', () => changes.close())
  return { url: gateway.url, dataDir, deps, engineLost, stop: () => started.stop() }
}

/** The engine's ports on this machine. Nothing is consumed yet; what they send is kept until then. */
function openDeps(
  options: ServiceOptions,
  apiUrl: string,
  { table, changes }: Pick<Storage, 'table' | 'changes'>,
  started: StartList,
) {
  const { dataDir, log, cwd = process.cwd(), stopTimeoutSeconds = STOP_TIMEOUT_SECONDS } = options
  const shared = { ids: systemIds, log }
  const wakeUps = new LocalQueue({ ...shared, name: 'wake-ups', visibilitySeconds: WAKE_UP_VISIBILITY_SECONDS })
  const taskEvents = new LocalQueue({
    ...shared,
    name: 'task-events',
    visibilitySeconds: TASK_EVENT_VISIBILITY_SECONDS,
  })
  const tasks = new LocalTasks({
    log,
    path: join(dataDir, 'tasks'),
    cwd,
    env: process.env,
    secrets: secretsOf(options),
    stopTimeoutSeconds,
    clock: systemClock,
    emit: (event) => taskEvents.send(JSON.stringify(event)),
    writeLogs: (lines) => writeLogs(deps, lines),
  })
  started.add('tasks', () => tasks.close())
  const deps: Service['deps'] = {
    ...shared,
    table,
    changes,
    clock: systemClock,
    wakeUps: wakeUpsOver(wakeUps),
    tasks,
    metrics: new LocalMetrics(),
    answers: answersAt(apiUrl),
    settings: { apiUrl, requireKeys: options.requireKeys ?? false },
    launchBucket: new LaunchBucket(LAUNCHES_PER_SECOND, LAUNCH_BURST),
  }
  return { deps, wakeUps, taskEvents }
}

/** The tasks' secrets: their key, under the names that ECS would use. */
function secretsOf({ requireKeys, taskApiKey, log }: ServiceOptions): Record<string, string> {
  if (taskApiKey) return { PREFECT_API_KEY: taskApiKey, PUSHPOOL_API_KEY: taskApiKey }
  if (requireKeys) log.warn('tasks have no API key, so they cannot call the API; set PUSHPOOL_TASK_API_KEY')
  return {}
}
