import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Bench } from '../workload.ts'
import { freePort } from './free-port.ts'
import type { Opponent } from './opponent.ts'
import { startPostgres } from './postgres.ts'
import { startProgram } from './program.ts'

/** Prefect's server, with the database that it keeps its runs in. */
export interface PrefectServer {
  url: string
  /** Of Prefect and of PostgreSQL. */
  pids: number[]
}

/** Longer than a round, so that the server closes no connection that a client of the next round would take. */
const KEEP_ALIVE_SECONDS = 600

/**
 * Starts `prefect server start` as people run it: one process, which serves the API and runs Prefect's own services, with
 * the defaults of Prefect and of PostgreSQL. Only its reports to Prefect's makers are off.
 */
export async function startPrefectServer(
  { prefect, postgres }: Opponent,
  { folder, onEnd }: Pick<Bench<unknown>, 'folder' | 'onEnd'>,
): Promise<PrefectServer> {
  const database = await startPostgres(postgres, { folder, onEnd })
  const home = join(folder, 'prefect')
  mkdirSync(home)
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const env = {
    PATH: `${prefect}${delimiter}${process.env.PATH ?? ''}`,
    HOME: home,
    LANG: 'C.UTF-8',
    PREFECT_HOME: home,
    PREFECT_API_DATABASE_CONNECTION_URL: `postgresql+asyncpg://${database.address}`,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
  }
  const isReady = () =>
    fetch(`${url}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  const keepAlive = ['--keep-alive-timeout', String(KEEP_ALIVE_SECONDS)]
  const pid = await startProgram(
    join(prefect, 'prefect'),
    ['server', 'start', '--host', '127.0.0.1', '--port', port, ...keepAlive],
    { env, cwd: home, log: join(folder, 'prefect.log'), isReady, signal: 'SIGTERM', onEnd },
  )
  return { url, pids: [pid, database.pid] }
}
