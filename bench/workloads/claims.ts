import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { Tasks } from '#shared/deps.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { NEVER } from '#shared/instant.ts'
import { fillRuns } from '../engine/fill.ts'
import { idleTasks, openEngine } from '../engine/open-engine.ts'
import { setStage } from '../engine/stage.ts'
import { median } from '../report/statistics.ts'
import { dataFolder } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const claims: Workload = {
  name: 'claims',
  title: 'The dispatcher: runs claimed per second, in batches',
  run: measure,
}

/** A launch of unknown outcome is left to the sweep, so that of a dispatch only the claims remain. */
const LEFT_LAUNCH: Pick<Tasks, 'run'> = { run: () => Promise.reject(new Error('not launched: only claims are timed')) }

async function measure(bench: Bench): Promise<Report> {
  const { dispatched } = bench.sizes
  let tasks = idleTasks()
  const engine = await openEngine(dataFolder(bench.folder), { ...tasks, run: (request) => tasks.run(request) })
  bench.onEnd(engine.stop)
  const stage = await setStage(engine.deps, { name: 'claims', type: 'ecs:push' })
  const rows: Row[] = []
  const errors: string[] = []
  for (const [what, launch] of [
    ['claimed', LEFT_LAUNCH],
    ['claimed and launched', idleTasks()],
  ] as const) {
    tasks = { ...idleTasks(), ...launch }
    const rates: number[] = []
    // The first round warms up.
    for (let round = 0; round <= bench.sizes.rounds; round += 1) {
      bench.progress(`${what}, round ${round}`)
      await fillRuns(engine, stage.deployment, { count: dispatched, queueIds: [stage.queue.id] })
      const started = performance.now()
      const counts = await dispatchPool(engine.deps, stage.pool.id, NEVER)
      const seconds = (performance.now() - started) / 1000
      if (counts.claimed !== dispatched) errors.push(`${counts.claimed} of ${dispatched} runs were claimed`)
      if (round > 0) rates.push(counts.claimed / seconds)
    }
    rows.push({ what, 'runs per second': median(rates), lowest: Math.min(...rates), highest: Math.max(...rates) })
  }
  const notes = [
    `One dispatcher, ${dispatched} runs of one queue per round, ${CLAIM_BATCH_MAX} in a claim; pool and queue have a limit.`,
    'The real dispatch on the real storage engine, on disk, in the process of the benchmark: no service, no HTTP API, and a Tasks port that starts nothing.',
    'ECS allows 20 launches a second unless AWS raises that.',
  ]
  return { rows, notes, errors }
}
