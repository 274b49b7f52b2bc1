import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { ConnectionError, type ReplyOf } from '#shared/client/create-client.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { readLog, type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { seededIds, TestClock } from '../support/world.ts'

const ROUNDS = Number(process.env.KILL_NINE_ROUNDS ?? 20)
const POOL_LIMIT = 6
const QUEUE_LIMIT = 5
const CALLERS = 4
const ROUND_MS = { min: 100, max: 1_200 }
/** Runs are created right up to the kill, but not all the time, since all must be processed in the end. */
const LOAD_MS = 300
/** A launch lost to a kill is repeated after a minute. */
const DRAIN_MS = 200_000
const TERMINAL = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])

type Run = ReplyOf<'getFlowRun'>

/** A pool and a queue with limits, and a deployment whose command signs a ledger with one appending write. */
async function createDeployment({ client }: ServiceProcess, ledger: string) {
  const pool = await client.createWorkPool({ name: 'push', type: 'ecs:push', concurrency_limit: POOL_LIMIT })
  const queue = await client.createWorkQueue({ pool: 'push' }, { name: 'work', concurrency_limit: QUEUE_LIMIT })
  const flow = await client.createFlow({ name: 'ledger' })
  const script = 'echo "$PUSHPOOL_RUN_ID $PUSHPOOL_GENERATION" >>"$0"; sleep 0.1'
  const deployment = await client.createDeployment({
    name: 'sign',
    flow_id: flow.id,
    work_pool_name: 'push',
    work_queue_name: 'work',
    job_variables: { command: ['/bin/sh', '-c', script, ledger] },
  })
  return { deploymentId: deployment.id, limits: [poolLimit(pool.id), queueLimit(queue.id)] }
}

interface Load {
  deploymentId: string
  nextKey: number
  /** Keys of creates without a response; a client retries these. */
  openKeys: number[]
  acknowledged: Set<string>
}

async function createRun({ client }: ServiceProcess, load: Load, key: number): Promise<void> {
  const wanted = { idempotency_key: `key-${key}` }
  const run = await client.createFlowRunFromDeployment({ id: load.deploymentId }, wanted)
  load.acknowledged.add(run.id)
}

/** Creates runs, a few at a time, until the service is gone. */
async function createUntilKilled(service: ServiceProcess, load: Load): Promise<void> {
  const callOn = async () => {
    for (;;) {
      const key = load.openKeys.pop() ?? load.nextKey++
      try {
        await createRun(service, load, key)
      } catch (error) {
        load.openKeys.push(key)
        if (error instanceof ConnectionError) return
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, callOn))
}

async function readRuns({ client }: ServiceProcess, ids: readonly string[]): Promise<Run[]> {
  const pages = Array.from({ length: Math.ceil(ids.length / 200) }, (_, page) =>
    ids.slice(page * 200, (page + 1) * 200),
  )
  const read = (page: string[]) => client.listFlowRuns({ flow_runs: { id: { any_: page } } })
  return (await Promise.all(pages.map(read))).flat()
}

async function readCounts(folder: string, keys: Parameters<typeof getLimits>[1]) {
  const engine = await startEngine(join(folder, 'data'))
  onTestFinished(() => engine.stop())
  const limits = await getLimits(openTable({ tableName: 'pushpool', endpoint: engine.endpoint }), keys)
  return keys.map((key) => ({ active: limits.get(key)?.active, available: limits.get(key)?.available }))
}

it(`loses no run, starts none twice and leaks no slot across ${ROUNDS} kill -9s`, async () => {
  const folder = temporaryFolder()
  const ledgerFile = join(folder, 'ledger')
  const chance = seededIds(new TestClock(), Number(process.env.SEED ?? 1))
  let service = await startServiceProcess(folder)
  const { deploymentId, limits } = await createDeployment(service, ledgerFile)
  const load: Load = { deploymentId, nextKey: 0, openKeys: [], acknowledged: new Set() }
  for (let round = 0; round < ROUNDS; round += 1) {
    const roundMs = ROUND_MS.min + chance.random() * (ROUND_MS.max - ROUND_MS.min)
    await sleep(Math.max(0, roundMs - LOAD_MS))
    const loaded = createUntilKilled(service, load)
    await sleep(Math.min(roundMs, LOAD_MS))
    await service.end('SIGKILL')
    await loaded
    service = await startServiceProcess(folder)
  }

  for (const key of load.openKeys) await createRun(service, load, key)
  const acknowledged = [...load.acknowledged]

  const drainStart = Date.now()
  let open = acknowledged
  const drained = async () => {
    await sleep(250)
    const ended = (await readRuns(service, open)).filter(({ state }) => TERMINAL.has(state.type))
    const endedIds = new Set(ended.map(({ id }) => id))
    open = open.filter((id) => !endedIds.has(id))
    return open.length === 0
  }
  await until('every run has ended', drained, DRAIN_MS)
  const runs = await readRuns(service, acknowledged)
  await service.end('SIGTERM')

  const ledger = readFileSync(ledgerFile, 'utf8').trimEnd().split('\n')
  const signed = new Set(ledger.map((line) => line.split(' ')[0]))
  const ended = countBy(runs.map(({ state }) => state.type))
  const counts = await readCounts(folder, limits)
  console.log({
    rounds: ROUNDS,
    acknowledged: acknowledged.length,
    ended,
    starts: ledger.length,
    counts,
    drainMs: Date.now() - drainStart,
  })

  expect(runs.map(({ id }) => id).toSorted(), 'runs lost').toEqual(acknowledged.toSorted())
  expect(new Set(ledger).size, 'generations started twice').toBe(ledger.length)
  expect(counts, 'slots leaked').toEqual([
    { active: 0, available: POOL_LIMIT },
    { active: 0, available: QUEUE_LIMIT },
  ])
  expect(readLog(folder).filter(({ message }) => message === 'slot count corrected')).toEqual([])
  for (const { id, state } of runs)
    expect({ id, state, signed: signed.has(id) }).toMatchObject({ signed: wasStarted(state) })
}, 400_000)

/** A run reported as never started must not have been. */
function wasStarted({ message }: Run['state']): boolean {
  return !message?.includes('never started')
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
