import { type OpenEngine, openEngine } from '../engine/open-engine.ts'
import { type Stage, setStage } from '../engine/stage.ts'
import type { Bench } from '../workload.ts'
import { type Calls, callsOver } from './calls.ts'
import { HttpClient } from './http-client.ts'
import { dataFolder, type ServiceProcess, startServiceProcess } from './service-process.ts'

export interface OpenService {
  calls: Calls
  pids: ServiceProcess['pids']
  close: () => Promise<void>
}

/** Claims come from a client here, such as a Prefect worker: the dispatcher leaves such a pool alone. */
const POOL_TYPE = 'process'

/** Prepares the data folder of a service that is not running yet, by the engine alone. */
export async function prepare<T>(bench: Bench, work: (engine: OpenEngine) => Promise<T>): Promise<T> {
  const engine = await openEngine(dataFolder(bench.folder))
  try {
    return await work(engine)
  } finally {
    await engine.stop()
  }
}

/** A stage in the data folder of a service that is not running yet. */
export async function prepareStage(bench: Bench, name: string): Promise<Stage> {
  return await prepare(bench, ({ deps }) => setStage(deps, { name, type: POOL_TYPE }))
}

/** Starts the service on the workload's data folder, with a client that keeps a connection for each of `clients`. */
export async function openService(bench: Bench, clients: number): Promise<OpenService> {
  const service = await startServiceProcess(bench.folder)
  const client = new HttpClient(service.url, clients)
  let open = true
  const close = async () => {
    if (!open) return
    open = false
    client.close()
    await service.stop()
  }
  bench.onEnd(close)
  return { calls: callsOver(client), pids: service.pids, close }
}
