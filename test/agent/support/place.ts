import { onTestFinished } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { type Service, startService } from '../../../local/service.ts'
import { commandDeployment, createRuns, inSeconds, readRun } from '../../support/fixtures/fixtures.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const QUIET = { info: () => {}, warn: () => {}, error: () => {} }
const POOL = 'host'

/** A service on this machine with a pool for agents. */
export interface Place {
  service: Service
  url: string
  folder: string
  /** A deployment of a command, in a queue that is made for it. */
  deploy(command: readonly string[], options?: DeployOptions): Promise<Deployment>
  create(deployment: Deployment, count?: number, dueInSeconds?: number): Promise<FlowRun[]>
  run(id: string): Promise<FlowRun>
  /** Waits until a run is in a state of this type. */
  until(id: string, type: StateType): Promise<FlowRun>
  /** The messages of a run's log, in order. */
  logsOf(id: string): Promise<string[]>
}

interface DeployOptions {
  name?: string
  queue?: string
  variables?: Record<string, unknown>
  entrypoint?: string
}

/** Starts a service with a pool of type `process`; it ends with the test. */
export async function openPlace(): Promise<Place> {
  const service = await startService({ dataDir: temporaryFolder(), port: 0, log: QUIET, tickSeconds: 1 })
  onTestFinished(() => service.stop())
  const { deps, url } = service
  const pool = await createWorkPool(deps, { name: POOL, type: 'process' })
  return {
    service,
    url,
    folder: temporaryFolder(),
    deploy: async (command, { name = 'command', queue = 'work', variables = {}, entrypoint } = {}) => {
      const { id: queueId } = await ensureWorkQueue(deps, POOL, queue)
      const jobVariables = { ...(command.length > 0 ? { command: [...command] } : {}), ...variables }
      return await commandDeployment(deps, { pool, queueId, name, jobVariables, ...(entrypoint ? { entrypoint } : {}) })
    },
    create: (deployment, count = 1, dueInSeconds = 0) =>
      createRuns(deps, deployment, count, dueInSeconds > 0 ? inSeconds(deps, dueInSeconds) : undefined),
    run: (id) => readRun(deps, id),
    until: async (id, type) => {
      await until(`run ${id} is ${type}`, async () => (await readRun(deps, id)).state.type === type)
      return await readRun(deps, id)
    },
    logsOf: async (id) => {
      const client = createClient({ url })
      const lines = await client.listLogs({ logs: { flow_run_id: { any_: [id] } } })
      return lines.map(({ message }) => message)
    },
  }
}
