import { fillRuns } from '../engine/fill.ts'
import type { Stage } from '../engine/stage.ts'
import { logLogSlope, quantile } from '../report/statistics.ts'
import type { Calls } from '../service/calls.ts'
import { openService, prepare, prepareStage } from '../service/open-service.ts'
import { timed } from '../service/timed.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const backlog: Workload = {
  name: 'backlog',
  title: 'How long a poll and a claim take while the backlog of one queue grows',
  run: measure,
}

const POLL_LIMIT = 10
const SLOPE_BAR = 0.05

async function measure(bench: Bench): Promise<Report> {
  const { rounds, samples } = bench.sizes
  const stage = await prepareStage(bench, 'backlog')
  const rows: Row[] = []
  let filled = 0
  for (const queued of bench.sizes.backlog) {
    bench.progress(`filling up to ${queued} runs`)
    await prepare(bench, (engine) => {
      return fillRuns(engine, stage.deployment, { count: queued - filled, queueIds: [stage.queue.id] })
    })
    filled = queued
    bench.progress(`measuring with ${queued} runs`)
    const { calls, close } = await openService(bench, 1)
    const { polls, claims } = await sample(calls, stage, rounds * samples)
    rows.push({
      'queued runs': queued,
      'poll p50 ms': quantile(polls, 0.5),
      'poll p99 ms': quantile(polls, 0.99),
      'claim p50 ms': quantile(claims, 0.5),
      'claim p99 ms': quantile(claims, 0.99),
    })
    await close()
  }
  const slope = (column: string) =>
    logLogSlope(rows.map((row) => ({ x: Number(row['queued runs']), y: Number(row[column]) })))
  return {
    rows: [
      ...rows,
      { 'queued runs': 'slope', 'poll p50 ms': slope('poll p50 ms'), 'claim p50 ms': slope('claim p50 ms') },
    ],
    notes: [
      `Slope of log latency on log backlog; 0 is flat, 1 is proportional. Bar: at most ${SLOPE_BAR}.`,
      `One client over HTTP: polls for ${POLL_LIMIT} runs, claims the first (PENDING), and creates one untimed, so that the backlog stays.`,
      'The backlog consists of copies of a created run, encoded by the real codec and written to the storage engine while the service is down.',
    ],
    errors: [],
  }
}

async function sample(calls: Calls, { pool, deployment }: Stage, samples: number) {
  const polls: number[] = []
  const claims: number[] = []
  const once = async (intoPolls: number[], intoClaims: number[]) => {
    const [first] = await timed(intoPolls, () => calls.poll(pool.name, POLL_LIMIT))
    if (first === undefined) throw new Error('the poll found nothing')
    await timed(intoClaims, () => calls.enter(first, 'PENDING'))
    await calls.create(deployment.id)
  }
  for (let at = 0; at < samples / 2; at += 1) await once([], [])
  for (let at = 0; at < samples; at += 1) await once(polls, claims)
  return { polls, claims }
}
