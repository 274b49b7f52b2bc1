import { cpuMsOfTree } from '../service/cpu-time.ts'
import { HttpClient } from '../service/http-client.ts'
import { startServiceProcess } from '../service/service-process.ts'
import type { Bench } from '../workload.ts'
import { findOpponent } from './opponent.ts'
import { startPrefectServer } from './prefect-server.ts'
import type { DuelSizes } from './sizes.ts'

export const SIDES = ['pushpool', 'Prefect'] as const
export type Side = (typeof SIDES)[number]

/** A server under test, and the one client that both sides are measured with. */
export interface Contender {
  client: HttpClient
  /** Milliseconds of CPU that the server has used, with its storage. */
  cpuMs: () => number
}

export interface Contenders {
  sides: Record<Side, Contender>
  /** What to know about Prefect's side. */
  notes: string[]
}

/** Starts both servers, each with storage of its own on disk that is empty; both run until the workload is over. */
export async function openContenders(bench: Bench<DuelSizes>): Promise<Contenders> {
  const opponent = await findOpponent()
  bench.progress('starting pushpool and Prefect')
  const service = await startServiceProcess(bench.folder)
  bench.onEnd(service.stop)
  const server = await startPrefectServer(opponent, bench)
  const connections = Math.max(...bench.sizes.clients)
  const contender = (url: string, pids: number[]): Contender => {
    const client = new HttpClient(url, connections)
    bench.onEnd(() => Promise.resolve(client.close()))
    return { client, cpuMs: () => pids.reduce((sum, pid) => sum + cpuMsOfTree(pid), 0) }
  }
  const sides = {
    pushpool: contender(service.url, [service.pids.service]),
    Prefect: contender(server.url, server.pids),
  }
  return {
    sides,
    notes: [
      `Prefect ${opponent.version} as \`prefect server start\` runs it, services included; ${opponent.postgresVersion} with its defaults. Pushpool as \`npm start\` runs it. All on this machine, both running throughout.`,
    ],
  }
}
