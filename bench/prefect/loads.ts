import { type Calls, callsOver } from '../service/calls.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'
import { type Contenders, openContenders, SIDES, type Side } from './contenders.ts'
import { DUEL_NOTES, duel, type Operations } from './duel.ts'
import { fillPool } from './fill-pool.ts'
import type { DuelSizes } from './sizes.ts'
import { type RemoteStage, setRemoteStage } from './stage.ts'

const POLL_LIMIT = 10

/** What a load consists of: what is there before, and what each client does. */
interface Load {
  name: string
  title: string
  note: string
  before?: (bench: Bench<DuelSizes>, stages: Stages) => Promise<unknown>
  operation: (calls: Calls, stage: RemoteStage) => Promise<unknown>
}

type Stages = Record<Side, RemoteStage & { calls: Calls }>

export const creates = workload({
  name: 'creates',
  title: 'Runs created per second over HTTP',
  note: 'POST /deployments/{id}/create_flow_run with no fields; no worker polls.',
  operation: (calls, { deploymentId }) => calls.create(deploymentId),
})

export const polls = workload({
  name: 'polls',
  title: 'Polls of a pool per second over HTTP',
  note: `Each poll asks for ${POLL_LIMIT} of the waiting runs of the only queue with work; none are claimed.`,
  before: async ({ sizes, progress }, stages) => {
    for (const side of SIDES) {
      progress(`${sizes.queuedRuns} runs in ${side}`)
      await fillPool(stages[side].calls, stages[side].deploymentId, Array(sizes.queuedRuns).fill(undefined))
    }
  },
  operation: (calls, { pool }) => calls.poll(pool, POLL_LIMIT),
})

export const lifecycles = workload({
  name: 'lifecycles',
  title: 'Run lifecycles per second over HTTP: create, poll, PENDING, RUNNING, COMPLETED',
  note: `The same five requests on both sides. The poll asks for ${POLL_LIMIT} runs; each client then claims the run that it created. Pool and queue have a limit that is never reached.`,
  operation: async (calls, { pool, deploymentId }) => {
    const runId = await calls.create(deploymentId)
    await calls.poll(pool, POLL_LIMIT)
    await calls.enter(runId, 'PENDING')
    await calls.enter(runId, 'RUNNING')
    await calls.enter(runId, 'COMPLETED')
  },
})

function workload({ name, title, note, before, operation }: Load): Workload<DuelSizes> {
  const run = async (bench: Bench<DuelSizes>): Promise<Report> => {
    const contenders = await openContenders(bench)
    const stages = await setStages(contenders, name)
    await before?.(bench, stages)
    const operations: Operations = {
      pushpool: () => operation(stages.pushpool.calls, stages.pushpool),
      Prefect: () => operation(stages.Prefect.calls, stages.Prefect),
    }
    const rows: Row[] = []
    const errors: string[] = []
    for (const clients of bench.sizes.clients) {
      bench.progress(`${clients} clients`)
      rows.push(await duel(contenders, { ...bench.sizes, clients, operations }, errors))
    }
    return { rows, notes: [note, ...DUEL_NOTES, ...contenders.notes], errors }
  }
  return { name, title, run }
}

async function setStages({ sides }: Contenders, name: string): Promise<Stages> {
  const stage = async (side: Side) => {
    const { client } = sides[side]
    return { ...(await setRemoteStage(client, name)), calls: callsOver(client) }
  }
  return { pushpool: await stage('pushpool'), Prefect: await stage('Prefect') }
}
