import { afterAll, beforeAll, expect, it } from 'vitest'
import { isTerminal } from '#shared/flow-run/state.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { CRASH_FLOWS, type CrashFlow, type Scene } from '../support/faults/crash-flows.ts'
import { FAULTS, type Fault, startProcess } from '../support/faults/faulty-calls.ts'
import { doubleLaunches, ledgerProblems, orphanTasks, takeSnapshot } from '../support/invariants.ts'
import { openStage, passAndTick, type Stage, settle } from '../support/stage.ts'

/**
 * Each flow is run once undisturbed, to learn its calls, and then again for every call and every fault: its process dies
 * before or after the call, or survives without the call or without its response. What it left must be repaired by a
 * tick of the dispatcher and the sweep, or, where only ECS knows, once its lease has expired. Task events that the faulty
 * process was handling are lost with it.
 */
const ROUNDS_SECONDS = [70, 16 * 60, 120]
const STAGES_AT_ONCE = 4

let engine: DynamoDbEngine
beforeAll(async () => {
  engine = await startDynoxide()
})
afterAll(() => engine.stop())

interface Point {
  at: number
  fault: Fault
}

it.each(CRASH_FLOWS)(
  '$name: whichever call is cut short, the runs end as they should',
  { timeout: 300_000 },
  async (flow) => {
    const trace = await callsOf(flow)
    const points = trace.flatMap((name, at) => faultsOf(name).map((fault) => ({ at, fault })))
    const outcomes = await inLanes(points, (point) => crashAt(flow, point))
    const problems = outcomes.flatMap(({ point, found }) =>
      found.map((problem) => `${point.fault} call ${point.at} (${trace[point.at]}): ${problem}`),
    )
    const covered = outcomes.filter(({ struck }) => struck).length
    const rounds = ROUNDS_SECONDS.map((_, n) => outcomes.filter((one) => one.rounds === n + 1).length)
    console.log(
      `${flow.name}: ${covered}/${points.length} points over ${trace.length} calls; repaired in round ${rounds.join('/')}`,
    )
    expect(problems).toEqual([])
    expect(covered).toBe(points.length)
  },
)

/** A read whose response is lost is the same as one that was not made. */
function faultsOf(call: string): readonly Fault[] {
  const reads = /Query|Get|describe|list/.test(call)
  return reads ? FAULTS.filter((fault) => fault !== 'answer lost') : FAULTS
}

async function callsOf(flow: CrashFlow): Promise<string[]> {
  const stage = await openStage(engine)
  const scene = await flow.prepare(stage)
  const { deps, trace } = startProcess(stage.deps)
  await scene.act(deps)
  stage.close()
  return [...trace]
}

async function crashAt(flow: CrashFlow, point: Point) {
  const stage = await openStage(engine)
  const scene = await flow.prepare(stage)
  const { deps, struck, idle } = startProcess(stage.deps, point)
  await scene.act(deps).catch(() => undefined)
  await idle()
  const found = ledgerProblems(await takeSnapshot(stage.deps.table)).map((problem) => `left behind: ${problem}`)
  await scene.goOn?.(stage.deps)
  const { rounds, unrepaired } = await repair(stage, scene)
  stage.close()
  return { point, struck: struck(), rounds, found: [...found, ...unrepaired] }
}

/** Lets time pass and ticks run until nothing is wrong; returns what still is, after the last round. */
async function repair(stage: Stage, scene: Scene): Promise<{ rounds: number; unrepaired: string[] }> {
  let unrepaired: string[] = []
  for (const [n, seconds] of ROUNDS_SECONDS.entries()) {
    await passAndTick(stage, seconds)
    await settle(stage)
    unrepaired = await problemsOf(stage, scene)
    if (unrepaired.length === 0) return { rounds: n + 1, unrepaired }
  }
  return { rounds: ROUNDS_SECONDS.length, unrepaired }
}

async function problemsOf({ deps, ecs }: Stage, { expected, runs }: Scene): Promise<string[]> {
  const snapshot = await takeSnapshot(deps.table)
  const wrongEnds = snapshot.runs.flatMap((run) => {
    const type = typeof expected === 'string' ? expected : expected(run)
    return run.state.type === type && isTerminal(type)
      ? []
      : [`run is ${run.state.name} (${run.state.message}), not ${type}`]
  })
  return [
    ...ledgerProblems(snapshot),
    ...(snapshot.runs.length === runs ? [] : [`${snapshot.runs.length} runs, not ${runs}`]),
    ...wrongEnds,
    ...doubleLaunches(ecs),
    ...orphanTasks(snapshot, ecs),
    ...snapshot.limits.filter(({ paused }) => paused).map(({ key }) => `${key} is still closed`),
  ]
}

/** Works through points a few at a time, in any order. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const waiting = [...items]
  const results: R[] = []
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: STAGES_AT_ONCE }, lane))
  return results
}
