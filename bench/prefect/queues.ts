import { logLogSlope, median, quantile } from '../report/statistics.ts'
import { callsOver } from '../service/calls.ts'
import { timed } from '../service/timed.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'
import { type Contender, type Contenders, openContenders, SIDES, type Side } from './contenders.ts'
import { fillPool } from './fill-pool.ts'
import type { DuelSizes } from './sizes.ts'
import { addQueue, setRemoteStage } from './stage.ts'

export const queues: Workload<DuelSizes> = {
  name: 'queues',
  title: 'How long a poll of the whole pool takes while the number of its queues grows',
  run: measure,
}

const POLL_LIMIT = 10

async function measure(bench: Bench<DuelSizes>): Promise<Report> {
  const contenders = await openContenders(bench)
  const rows: Row[] = []
  for (const count of bench.sizes.queues) rows.push(await rowOf(bench, contenders, count))
  const slope = (column: string) => logLogSlope(rows.map((row) => ({ x: Number(row.queues), y: Number(row[column]) })))
  const columns = SIDES.map((side) => `${side} p50 ms`)
  rows.push({ queues: 'slope', ...Object.fromEntries(columns.map((column) => [column, slope(column)])) })
  const notes = [
    `${bench.sizes.queuedRuns} waiting runs, spread evenly over the queues of one pool; created over the API on both sides.`,
    `One client that names no queue and requests ${POLL_LIMIT} runs. Slope of log latency on log queues; 0 is flat.`,
    "Ratio: Prefect's median latency over pushpool's, round by round: the median, and the lowest and highest of the rounds.",
    ...contenders.notes,
  ]
  return { rows, notes, errors: [] }
}

async function rowOf(bench: Bench<DuelSizes>, { sides }: Contenders, count: number): Promise<Row> {
  const { rounds, samples } = bench.sizes
  const pool = `queues-${count}`
  for (const side of SIDES) {
    bench.progress(`${count} queues in ${side}`)
    await makeQueues(sides[side], pool, count, bench.sizes.queuedRuns)
  }
  bench.progress(`polls of ${count} queues`)
  const polls: Record<Side, number[][]> = { pushpool: [], Prefect: [] }
  const poll = (side: Side) => callsOver(sides[side].client).poll(pool, POLL_LIMIT)
  for (const side of SIDES) for (let at = 0; at < samples / 2; at += 1) await poll(side)
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const times: number[] = []
      for (let at = 0; at < samples; at += 1) await timed(times, () => poll(side))
      polls[side].push(times)
    }
  }
  const ratios = polls.Prefect.map((times, at) => median(times) / median(polls.pushpool[at] ?? []))
  return {
    queues: count,
    'pushpool p50 ms': quantile(polls.pushpool.flat(), 0.5),
    'Prefect p50 ms': quantile(polls.Prefect.flat(), 0.5),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  }
}

/** Creates a pool with this many queues and waiting runs. */
async function makeQueues({ client }: Contender, pool: string, count: number, runs: number): Promise<void> {
  const { deploymentId, queue } = await setRemoteStage(client, pool)
  const names = [queue, ...Array.from({ length: count - 1 }, (_, at) => `work-${at + 2}`)]
  for (const name of names.slice(1)) await addQueue(client, pool, name)
  const places = Array.from({ length: runs }, (_, at) => names[at % names.length])
  await fillPool(callsOver(client), deploymentId, places)
}
