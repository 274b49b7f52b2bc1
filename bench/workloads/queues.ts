import { mkdirSync, rmSync } from 'node:fs'
import { fillQueues, fillRuns } from '../engine/fill.ts'
import { logLogSlope, quantile } from '../report/statistics.ts'
import { openService, prepare, prepareStage } from '../service/open-service.ts'
import { timed } from '../service/timed.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const queues: Workload = {
  name: 'queues',
  title: 'How long a poll of the whole pool takes while the number of its queues grows',
  run: measure,
}

const POLL_LIMIT = 10
const SHAPES = ['uniform', 'all in one'] as const

async function measure(bench: Bench): Promise<Report> {
  const rows: Row[] = []
  for (const shape of SHAPES) {
    const points: { x: number; y: number }[] = []
    for (const count of bench.sizes.queues) {
      bench.progress(`${count} queues, ${shape}`)
      const polls = await pollsOf(bench, count, shape)
      const row = {
        backlog: shape,
        queues: count,
        'poll p50 ms': quantile(polls, 0.5),
        'poll p99 ms': quantile(polls, 0.99),
      }
      points.push({ x: count, y: row['poll p50 ms'] })
      rows.push(row)
    }
    rows.push({ backlog: shape, queues: 'slope', 'poll p50 ms': logLogSlope(points) })
  }
  const notes = [
    `${bench.sizes.queuedRuns} waiting runs, spread evenly over the queues, or all in the last one. Slope of log latency on log queues.`,
    `One client over HTTP that names no queue and requests ${POLL_LIMIT} runs. Queues and runs are filled in as in 'backlog'.`,
  ]
  return { rows, notes, errors: [] }
}

async function pollsOf(bench: Bench, count: number, shape: (typeof SHAPES)[number]): Promise<number[]> {
  rmSync(bench.folder, { recursive: true })
  mkdirSync(bench.folder)
  const { pool, deployment } = await prepareStage(bench, 'queues')
  await prepare(bench, async (engine) => {
    const all = await fillQueues(engine, pool, count)
    const queueIds = shape === 'uniform' ? all : all.slice(-1)
    await fillRuns(engine, deployment, { count: bench.sizes.queuedRuns, queueIds })
  })
  const { calls, close } = await openService(bench, 1)
  const { rounds, samples } = bench.sizes
  const polls: number[] = []
  for (let at = 0; at < samples / 2; at += 1) await calls.poll(pool.name, POLL_LIMIT)
  for (let at = 0; at < rounds * samples; at += 1) await timed(polls, () => calls.poll(pool.name, POLL_LIMIT))
  await close()
  return polls
}
