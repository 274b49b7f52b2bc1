import type { Deps } from '#shared/deps.ts'
import { type HoldVerdict, judgeHold } from '#shared/ecs-task/judge-hold.ts'
import { listedHolds } from '#shared/engine/read/listed-holds.ts'
import { errorFields } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isDispatched } from '#shared/flow-run/held-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'
import { eachCaught } from './each-caught.ts'
import { applyVerdict, type InspectionPass } from './inspect-run.ts'

/** Runs read, asked about and judged together. */
const BATCH_RUNS = 100
/** Writes under way at once. Those that release slots wait for each other at their limits, so they are fewer. */
const WRITES_AT_ONCE = 20
const RELEASES_AT_ONCE = 5

interface Judged {
  run: FlowRun
  verdict: HoldVerdict
}

/** Inspects held runs, each caught by itself. Returns how many; what time did not suffice for is left to the next pass. */
export async function inspectRuns(deps: Deps, runIds: readonly string[], pass: InspectionPass): Promise<number> {
  let inspected = 0
  for (let at = 0; at < runIds.length && deps.clock.now() < pass.deadline; at += BATCH_RUNS) {
    for await (const runs of readRuns(deps, runIds.slice(at, at + BATCH_RUNS))) {
      inspected += await inspectBatch(deps, runs, pass)
    }
  }
  return inspected
}

async function inspectBatch(deps: Deps, runs: readonly FlowRun[], pass: InspectionPass): Promise<number> {
  const evidence = await pass.ecs.on(runs.filter((run) => isDispatched(run)))
  const listed = await listedHolds(deps, runs)
  const judged = runs.flatMap((run): Judged[] => {
    const known = isDispatched(run) ? evidence.get(run.id) : { silence: pass.silence, listed: listed.has(run.id) }
    return known ? [{ run, verdict: judgeHold(run, known, deps.clock.now()) }] : []
  })
  const { releases = [], others = [] } = Object.groupBy(judged, ({ verdict }) =>
    mayRelease(verdict) ? 'releases' : 'others',
  )
  const apply = async (those: readonly Judged[], atOnce: number) =>
    await eachCaught(
      deps,
      those,
      ({ run }) => run.id,
      async ({ run, verdict }) => {
        await applyVerdict(deps, run, verdict, pass)
        return true
      },
      { act: 'inspect', atOnce, deadline: pass.deadline },
    )
  return (await apply(others, WRITES_AT_ONCE)) + (await apply(releases, RELEASES_AT_ONCE))
}

function mayRelease(verdict: HoldVerdict): boolean {
  return verdict.kind === 'end' || verdict.kind === 'requeue' || (verdict.kind === 'apply' && verdict.renew === null)
}

/** Reads runs in groups that fit into memory. Where they can't be read together, each is read by itself. */
async function* readRuns(deps: Deps, runIds: readonly string[]): AsyncGenerator<FlowRun[]> {
  const read = new Set<string>()
  try {
    for await (const group of getSizedRuns(deps.table, runIds)) {
      for (const { run } of group) read.add(run.id)
      yield group.map(({ run }) => run)
    }
  } catch (error) {
    deps.log.warn('runs not read together', errorFields(error))
    for (const runId of runIds) if (!read.has(runId)) yield await readAlone(deps, runId)
  }
}

async function readAlone(deps: Deps, runId: string): Promise<FlowRun[]> {
  try {
    const run = await getRun(deps.table, runId)
    return run ? [run] : []
  } catch (error) {
    deps.log.warn('run not inspected', { runId, ...errorFields(error) })
    deps.metrics.count('InspectionsFailed', 1)
    return []
  }
}
