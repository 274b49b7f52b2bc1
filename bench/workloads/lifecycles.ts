import type { Calls } from '../service/calls.ts'
import { load, loadRow } from '../service/load.ts'
import { openService, prepareStage } from '../service/open-service.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const lifecycles: Workload = {
  name: 'lifecycles',
  title: 'Run lifecycles per second over HTTP: create, poll, PENDING, RUNNING, COMPLETED',
  run: measure,
}

const POLL_LIMIT = 10

async function measure(bench: Bench): Promise<Report> {
  const { rounds, seconds } = bench.sizes
  const { pool, deployment } = await prepareStage(bench, 'lifecycles')
  const { calls, pids } = await openService(bench, Math.max(...bench.sizes.clients))
  const rows: Row[] = []
  const errors: string[] = []
  for (const clients of bench.sizes.clients) {
    bench.progress(`${clients} clients`)
    const operation = () => lifecycle(calls, pool.name, deployment.id)
    const result = await load({ clients, rounds, seconds, pids, operation })
    rows.push({ clients, ...loadRow(result) })
    errors.push(...result.errors)
  }
  const notes = [
    'Five requests each. Pool and queue have a limit, so every claim and every end updates two counters that all clients share.',
    `The poll asks for ${POLL_LIMIT} runs; each client then claims the run that it created, so that no request is rejected.`,
  ]
  return { rows, notes, errors }
}

async function lifecycle(calls: Calls, pool: string, deploymentId: string): Promise<void> {
  const runId = await calls.create(deploymentId)
  await calls.poll(pool, POLL_LIMIT)
  await calls.enter(runId, 'PENDING')
  await calls.enter(runId, 'RUNNING')
  await calls.enter(runId, 'COMPLETED')
}
