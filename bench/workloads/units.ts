import type { Deps } from '#shared/deps.ts'
import { type EcsTask, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { NEVER } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { idleTasks, openEngine } from '../engine/open-engine.ts'
import { type Stage, setStage } from '../engine/stage.ts'
import { UnitCounter } from '../engine/unit-counter.ts'
import { dataFolder } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

/** The design's budget for a whole push run, with exact limits of pool and queue. */
const WRITE_UNITS_BAR = 22
const BATCH = 10
const STEPS = ['create', 'claim', 'launch recorded', 'running', 'completed', 'woken, nothing to do'] as const

export const units: Workload = {
  name: 'units',
  title: 'Capacity units of a push run, step by step (ReturnConsumedCapacity=INDEXES)',
  run: measure,
}

async function measure(bench: Bench): Promise<Report> {
  const counter = new UnitCounter()
  const tasks = idleTasks()
  const { deps, stop } = await openEngine(dataFolder(bench.folder), {
    ...tasks,
    run: (request) => {
      counter.step = 'launch recorded'
      return tasks.run(request)
    },
  })
  bench.onEnd(stop)
  const stage = await setStage(deps, { name: 'units', type: 'ecs:push' })
  counter.watch(deps.table)
  const rows: Row[] = []
  for (const runs of [1, BATCH]) {
    counter.reset()
    await takeThrough(deps, stage, runs, counter)
    rows.push(...rowsOf(counter, runs))
  }
  const worst = Math.max(...rows.filter(({ step }) => step === 'in all').map((row) => Number(row['write units'])))
  return {
    rows,
    notes: [
      `Bar: at most ${WRITE_UNITS_BAR} write units per push run; found: ${worst}.`,
      "The real operations on the real storage engine, which reports units by DynamoDB's rules; not compared with AWS. No service in between.",
      'Of a dispatch, everything up to the first RunTask counts as claim, the rest as launch recorded. Each end wakes the dispatcher once.',
      'A plain command with small parameters; pool and queue have a limit, the deployment has none.',
    ],
    errors: worst > WRITE_UNITS_BAR ? [`a push run took ${worst} write units`] : [],
  }
}

/** A number of runs at once, from creation to completion, each step under its name. */
async function takeThrough(deps: Deps, { pool, deployment }: Stage, runs: number, counter: UnitCounter) {
  const ids: string[] = []
  counter.step = 'create'
  for (let at = 0; at < runs; at += 1) {
    const { run } = await createFlowRun(deps, { flowId: deployment.flowId, deploymentId: deployment.id })
    ids.push(run.id)
  }
  counter.step = 'claim'
  await dispatchPool(deps, pool.id, NEVER)
  for (const [step, lastStatus] of [
    ['running', 'RUNNING'],
    ['completed', 'STOPPED'],
  ] as const) {
    for (const id of ids) {
      counter.step = 'not counted'
      const run = await getRun(deps.table, id)
      if (!run) throw new Error(`run ${id} is gone`)
      counter.step = step
      const applied = await applyEcsTask(deps, taskNews(deps, run, lastStatus))
      if (applied !== 'stored') throw new Error(`the news that run ${id} is ${lastStatus} was ${applied}`)
    }
  }
  counter.step = 'woken, nothing to do'
  await dispatchPool(deps, pool.id, NEVER)
}

function taskNews(deps: Deps, run: FlowRun, lastStatus: 'RUNNING' | 'STOPPED'): EcsTask {
  const stopped = lastStatus === 'STOPPED'
  const now = deps.clock.now()
  return {
    taskArn: run.launch?.taskArn ?? '',
    startedBy: startedByOf(run),
    lastStatus,
    version: stopped ? 3 : 2,
    stopCode: stopped ? 'EssentialContainerExited' : null,
    stoppedReason: null,
    createdAt: now,
    startedAt: now,
    stoppedAt: stopped ? now : null,
    containers: [{ name: 'main', exitCode: stopped ? 0 : null, reason: null }],
  }
}

function rowsOf(counter: UnitCounter, runs: number): Row[] {
  const rows = STEPS.map((step): Row => {
    const { write, read, requests } = counter.of(step)
    return {
      'runs at once': runs,
      step,
      'write units': write / runs,
      'read units': read / runs,
      requests: requests / runs,
    }
  })
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0)
  const all = { 'write units': sum('write units'), 'read units': sum('read units'), requests: sum('requests') }
  return [...rows, { 'runs at once': runs, step: 'in all', ...all }]
}
