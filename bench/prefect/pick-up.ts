import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { startAgentProcess, untilOnline } from '../agent/agent-process.ts'
import { buildProgram } from '../agent/built-program.ts'
import { AGENTS, POOL, pickUpRow, pickUps, QUEUE, setPickUpStage } from '../agent/pick-up.ts'
import { Starts } from '../agent/starts.ts'
import { HttpClient } from '../service/http-client.ts'
import { startServiceProcess } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'
import { findOpponent, type Opponent } from './opponent.ts'
import { startPrefectServer } from './prefect-server.ts'
import { startProgram } from './program.ts'
import type { DuelSizes } from './sizes.ts'

export const pickUp: Workload<DuelSizes> = {
  name: 'pickup',
  title: "From due to process start: pushpool's agents, and Prefect's workers",
  run: measure,
}

async function measure(bench: Bench<DuelSizes>): Promise<Report> {
  const opponent = await findOpponent()
  const errors: string[] = []
  const side = async (
    name: string,
    url: string,
    command: (starts: Starts) => string | string[],
    start: Start,
  ): Promise<Row> => {
    const client = new HttpClient(url, 1)
    bench.onEnd(() => Promise.resolve(client.close()))
    const folder = join(bench.folder, name)
    mkdirSync(folder)
    const starts = new Starts(folder)
    const deploymentId = await setPickUpStage(client, command(starts))
    await start(client, url, folder)
    bench.progress(`runs of ${name}`)
    const found = await pickUps(client, starts, { deploymentId, runs: bench.sizes.pickUps, ahead: 0 })
    errors.push(...found.errors)
    return { name, ...pickUpRow(found.atOnce) }
  }
  const program = await buildProgram(bench.folder)
  const service = await startServiceProcess(bench.folder, program)
  bench.onEnd(service.stop)
  const ours = await side('pushpool', service.url, ({ command }) => command, agentsOf(bench, program))
  const server = await startPrefectServer(opponent, bench)
  const theirs = await side('Prefect', server.url, ({ shellCommand }) => shellCommand, workersOf(bench, opponent))
  const ratio: Row = { name: 'ratio', 'p50 ms': Number(theirs['p50 ms']) / Number(ours['p50 ms']) }
  return { rows: [ours, theirs, ratio], notes: notesOf(opponent), errors }
}

function notesOf({ version, postgresVersion }: Opponent): string[] {
  return [
    `Runs of a command, due when they are created, one every 0.3 s in the mean; ${AGENTS} agents, or ${AGENTS} process workers of Prefect ${version} on ${postgresVersion}, both with their defaults. One side after the other.`,
    'Prefect starts no flow here either: its worker runs the same command, so no engine of Prefect is imported.',
  ]
}

type Start = (client: HttpClient, url: string, folder: string) => Promise<void>

const namesOf = (what: string) => Array.from({ length: AGENTS }, (_, at) => `${what}-${at}`)

function agentsOf({ onEnd }: Bench<DuelSizes>, program: string): Start {
  return async (client, url, folder) => {
    const names = namesOf('agent')
    for (const name of names) onEnd(startAgentProcess({ program, url, pool: POOL, queue: QUEUE, folder }, name).stop)
    await untilOnline(client, names)
  }
}

function workersOf({ onEnd }: Bench<DuelSizes>, { prefect }: Opponent): Start {
  return async (client, url, folder) => {
    const isThere = async (name: string) => {
      const workers = await client.call('listWorkers', { pool: POOL }, {})
      return workers.some((worker) => worker.name === name)
    }
    for (const name of namesOf('worker')) {
      const home = join(folder, name)
      mkdirSync(home)
      const env = {
        PATH: `${prefect}${delimiter}${process.env.PATH ?? ''}`,
        HOME: home,
        LANG: 'C.UTF-8',
        PREFECT_HOME: home,
        PREFECT_API_URL: `${url}/api`,
        DO_NOT_TRACK: '1',
      }
      const args = ['worker', 'start', '--pool', POOL, '--work-queue', QUEUE, '--type', 'process', '--name', name]
      const place = { env, cwd: home, log: join(folder, `${name}.log`), signal: 'SIGTERM' as const, onEnd }
      await startProgram(join(prefect, 'prefect'), args, { ...place, isReady: () => isThere(name) })
    }
  }
}
