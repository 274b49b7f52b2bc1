import { load, loadRow } from '../service/load.ts'
import { openService, prepareStage } from '../service/open-service.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const creates: Workload = {
  name: 'creates',
  title: 'Runs created per second over HTTP',
  run: measure,
}

async function measure(bench: Bench): Promise<Report> {
  const { rounds, seconds } = bench.sizes
  const { deployment } = await prepareStage(bench, 'creates')
  const { calls, pids } = await openService(bench, Math.max(...bench.sizes.clients))
  const rows: Row[] = []
  const errors: string[] = []
  for (const clients of bench.sizes.clients) {
    bench.progress(`${clients} clients`)
    const result = await load({ clients, rounds, seconds, pids, operation: () => calls.create(deployment.id) })
    rows.push({ clients, ...loadRow(result) })
    errors.push(...result.errors)
  }
  const notes = [
    'POST /deployments/{id}/create_flow_run of a plain command; the pool is served by polling, and no worker polls.',
  ]
  return { rows, notes, errors }
}
