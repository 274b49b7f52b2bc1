import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
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

/** A pool for agents, of a service on this machine. */
export interface Place {
  service: Service
  url: string
  pool: string
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

/** Starts a service for the tests of a file; each opens a pool of its own in it. */
export function withService(type = 'process'): () => Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pushpool-test-'))
  let service: Service
  beforeAll(async () => {
    service = await startService({ dataDir, port: 0, log: QUIET, tickSeconds: 1 })
  })
  afterAll(async () => {
    await service.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return () => openPlace(service, type)
}

async function openPlace(service: Service, type: string): Promise<Place> {
  const { deps, url } = service
  const name = `host-${randomUUID()}`
  const pool = await createWorkPool(deps, { name, type })
  return {
    service,
    url,
    pool: name,
    folder: temporaryFolder(),
    deploy: async (command, { name: title = 'command', queue = 'work', variables = {}, entrypoint } = {}) => {
      const { id: queueId } = await ensureWorkQueue(deps, name, queue)
      const jobVariables = { ...(command.length > 0 ? { command: [...command] } : {}), ...variables }
      return await commandDeployment(deps, {
        pool,
        queueId,
        name: title,
        jobVariables,
        ...(entrypoint ? { entrypoint } : {}),
      })
    },
    create: (deployment, count = 1, dueInSeconds = 0) =>
      createRuns(deps, deployment, count, dueInSeconds > 0 ? inSeconds(deps, dueInSeconds) : undefined),
    run: (id) => readRun(deps, id),
    until: async (id, wanted) => {
      await until(`run ${id} is ${wanted}`, async () => (await readRun(deps, id)).state.type === wanted)
      return await readRun(deps, id)
    },
    logsOf: async (id) => {
      const client = createClient({ url })
      const lines = await client.listLogs({ logs: { flow_run_id: { any_: [id] } } })
      return lines.map(({ message }) => message)
    },
  }
}
