import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { addSeconds } from '#shared/instant.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { SHAPES } from '../../cdk/function-shapes.ts'
import { type FunctionHour, invocationMs, monthlyDollars } from '../agent/monthly-price.ts'
import { SimulatedAgent } from '../agent/simulated-agent.ts'
import { FUNCTIONS, openStackInProcess, type StackInProcess } from '../agent/stack-in-process.ts'
import { openEngine } from '../engine/open-engine.ts'
import { setStage } from '../engine/stage.ts'
import { UnitCounter } from '../engine/unit-counter.ts'
import { quantile } from '../report/statistics.ts'
import { dataFolder } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const agentMonth: Workload = {
  name: 'agent-month',
  title: 'What an agent costs a month that has nothing to do, or one long run',
  run: measure,
}

/** The design's bar for an idle agent. */
const DOLLARS_BAR = 0.2
const HOUR_SECONDS = 3_600
/** What an agent does at its start is no cost of an idle one, and by then its pace is the slowest. */
const SETTLING_SECONDS = 600
/** What else the machine does only adds to the CPU time of calls: that of the quick ones counts. */
const QUIET_SHARE = 0.1
const POOL = 'month'

async function measure(bench: Bench): Promise<Report> {
  const { deps: real, endpoint, stop } = await openEngine(dataFolder(bench.folder))
  bench.onEnd(stop)
  // Through the SDK, as on AWS, which takes most of a request's CPU time.
  const table = openTable({ tableName: real.table.name, endpoint })
  bench.onEnd(() => Promise.resolve(table.client.destroy()))
  let passed = 0
  const deps: Deps = { ...real, table, clock: { now: () => addSeconds(real.clock.now(), passed) } }
  const { deployment } = await setStage(deps, { name: POOL, type: 'process' })
  const counter = new UnitCounter()
  counter.watch(deps.table)
  const stack = await openStackInProcess(deps, counter)
  const agent = new SimulatedAgent(stack.client, POOL, (seconds) => {
    passed += seconds
  })
  bench.progress('an idle hour')
  const idle = await hourOf(agent, stack, counter)
  await createFlowRun(deps, { flowId: deployment.flowId, deploymentId: deployment.id })
  bench.progress('an hour with a run')
  const holding = await hourOf(agent, stack, counter)
  const counted = Number(idle.$)
  const errors = counted > DOLLARS_BAR ? [`an idle agent costs $${counted.toFixed(3)} a month`] : []
  if (agent.held.length !== 1) errors.push(`the agent holds ${agent.held.length} runs`)
  return {
    rows: [
      { agent: 'idle', ...idle },
      { agent: 'holds a run', ...holding },
    ],
    notes: NOTES,
    errors,
  }
}

const NOTES = [
  `Bar: $${DOLLARS_BAR} a month for an idle agent, by what is counted exactly: calls, invocations, and read and write units.`,
  "An hour of the agent's calls, by its own pace, against the api behind its authorizer on the real storage engine; the clock is simulated, and nothing waits. As on AWS, the service answers at once. 730 hours a month.",
  `Milliseconds of Lambda, not measured on AWS: the CPU time of the quickest tenth of the calls here, on the part of a CPU that the function's memory gives it (${SHAPES.api.memorySize} MiB of the api, ${SHAPES.authorizer.memorySize} of the authorizer), and 4 ms for each wait for the table. An invocation of each for every call.`,
  'Dollars at list prices: $1.00 a million calls of the HTTP API, $0.20 a million invocations, $0.0000133334 a GB-second, $0.125 a million read units, $0.625 a million write units. No free tier; neither logs nor what the run itself calls.',
]

async function hourOf(agent: SimulatedAgent, { cpuMs }: StackInProcess, counter: UnitCounter): Promise<Row> {
  await agent.callFor(SETTLING_SECONDS)
  counter.reset()
  const callsBefore = agent.calls
  for (const name of FUNCTIONS) cpuMs[name].splice(0)
  await agent.callFor(HOUR_SECONDS)
  const calls = agent.calls - callsBefore
  const functions = FUNCTIONS.map((name): FunctionHour => {
    const { read, write, waits } = counter.of(name)
    const { memorySize: memoryMib } = SHAPES[name]
    return { read, write, waits, invocations: calls, cpuMs: quantile(cpuMs[name], QUIET_SHARE), memoryMib }
  })
  const sum = (of: 'read' | 'write' | 'requests') => FUNCTIONS.reduce((total, name) => total + counter.of(name)[of], 0)
  const [authorizerMs, apiMs] = functions.map(invocationMs)
  return {
    'calls an hour': calls,
    'table requests a call': sum('requests') / calls,
    'read units a call': sum('read') / calls,
    'write units an hour': sum('write'),
    'api ms': apiMs ?? Number.NaN,
    'authorizer ms': authorizerMs ?? Number.NaN,
    ...Object.fromEntries(
      Object.entries(monthlyDollars(calls, functions)).map(([what, each]) => [dollarColumn(what), each]),
    ),
  }
}

const dollarColumn = (what: string) => (what === 'counted' ? '$' : `$ ${what}`)
