import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scope } from '#shared/api-key/scope.ts'
import { type Client, createClient, type ReplyOf } from '#shared/client/create-client.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { type Service, type ServiceOptions, startService } from '../../../../local/service.ts'
import { readRun } from '../../../support/fixtures/fixtures.ts'
import { until } from '../../../support/until.ts'
import { type AgentProcess, Hosts } from './hosts.ts'

const QUIET = { info: () => {}, warn: () => {}, error: () => {} }
const POOL = 'machines'
/** States in which a run holds its slots. */
const HELD = new Set(['PENDING', 'RUNNING', 'CANCELLING'])
const ENDED_MS = 60_000

type Run = ReplyOf<'getFlowRun'>
type RunState = ReplyOf<'listFlowRunStates'>[number]

interface DeployOptions {
  queue?: string
  flow?: string
  onAgentLost?: 'crash' | 'requeue'
}

/** A service in this process, and agents in processes of their own. */
export interface Machine {
  service: Service
  client: Client
  /** Files of the test. */
  folder: string
  hosts: Hosts
  /** Starts an agent of the pool; `api`, where it is not to call the service itself. */
  start(name: string, args: readonly string[], api?: string): AgentProcess
  /** Writes a shell script into the folder; returns the command that runs it. */
  script(name: string, text: string): string
  /** A deployment of a command; returns its id. */
  deploy(command: string, options?: DeployOptions): Promise<string>
  /** Creates runs of a deployment; returns their ids. */
  create(deploymentId: string, count?: number): Promise<string[]>
  run(id: string): Promise<Run>
  statesOf(id: string): Promise<RunState[]>
  /** From when to when a run held slots, by its history; seconds of the service's clock. */
  holdsOf(id: string): Promise<{ from: number; to: number }[]>
  /** Waits until each of these has ended; returns them. */
  ended(ids: readonly string[], timeoutMs?: number): Promise<Run[]>
  /** Waits until these agents are known to the service. */
  online(...names: string[]): Promise<void>
  close(): Promise<void>
}

/** Opens a service with a pool. The caller closes it. */
export async function openMachine(options: Partial<ServiceOptions> = {}): Promise<Machine> {
  const hosts = new Hosts()
  const { folder } = hosts
  const dataDir = join(folder, 'data')
  const service = await startService({ dataDir, port: 0, log: QUIET, tickSeconds: 0.5, ...options })
  const apiKey = options.requireKeys ? (await newKey(service, 'admin')).text : undefined
  const client = createClient({ url: service.url, apiKey })
  await client.createWorkPool({ name: POOL, type: 'process' })
  const statesOf = (id: string) => client.listFlowRunStates({ flow_run_id: id })
  const run = (id: string) => client.getFlowRun({ id })
  return {
    service,
    client,
    folder,
    hosts,
    start: (name, args, api = `${service.url}/api`) => hosts.start(name, { api, pool: POOL, args }),
    script: (name, text) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return `sh ${path}`
    },
    deploy: async (command, { queue = 'work', flow = 'job', onAgentLost } = {}) => {
      const { id: flow_id } = await client.createFlow({ name: flow })
      const { id } = await client.createDeployment({
        name: `${flow}-${queue}-${onAgentLost ?? 'crash'}`,
        flow_id,
        work_pool_name: POOL,
        work_queue_name: queue,
        job_variables: { command },
        on_agent_lost: onAgentLost,
      })
      return id
    },
    create: async (id, count = 1) => {
      const ids: string[] = []
      for (let n = 0; n < count; n += 1) ids.push((await client.createFlowRunFromDeployment({ id })).id)
      return ids
    },
    run,
    statesOf,
    holdsOf: async (id) => {
      const states = await statesOf(id)
      return states.flatMap(({ type, timestamp }, at) => {
        if (type !== 'PENDING') return []
        const end = states.slice(at).find((state) => !HELD.has(state.type))
        return [{ from: Date.parse(timestamp) / 1000, to: end ? Date.parse(end.timestamp) / 1000 : Infinity }]
      })
    },
    ended: async (ids, timeoutMs = ENDED_MS) => {
      const runs: Run[] = []
      for (const id of ids) {
        const isOver = async () => isTerminal((await readRun(service.deps, id)).state.type)
        await until(`run ${id} has ended`, isOver, timeoutMs)
        runs.push(await run(id))
      }
      return runs
    },
    online: async (...names) => {
      const filter = { agents: { name: { any_: names }, status: { any_: ['ONLINE'] } } }
      await until('agents are online', async () => (await client.listAgents(filter)).length === names.length)
    },
    close: async () => {
      await hosts.close()
      await service.stop()
      hosts.remove()
    },
  }
}

/** A new API key of a service. */
export async function newKey(service: Service, scope: Scope): Promise<{ id: string; text: string }> {
  const { key, text } = await createApiKey(service.deps, { name: 'test', scope }, null)
  return { id: key.id, text }
}
