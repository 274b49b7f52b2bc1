import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAgentProcess, untilOnline } from '../agent/agent-process.ts'
import { buildProgram } from '../agent/built-program.ts'
import { openClaimProxy } from '../agent/claim-proxy.ts'
import { AGENTS, POOL, pickUpRow, pickUps, QUEUE, setPickUpStage } from '../agent/pick-up.ts'
import { Starts } from '../agent/starts.ts'
import { median } from '../report/statistics.ts'
import { cpuMsOf } from '../service/cpu-time.ts'
import { HttpClient } from '../service/http-client.ts'
import { childrenOf, residentMib } from '../service/memory.ts'
import { startServiceProcess } from '../service/service-process.ts'
import type { Bench, Report, Row, Workload } from '../workload.ts'

export const agent: Workload = {
  name: 'agent',
  title: 'Agents on one machine: from due to start, from their own start to the first claim, memory',
  run: measure,
}

/** The design's bars. */
const BARS = 'p50 at most 150 ms and p99 at most 1,000 ms from due to start; 300 ms to the first claim; 80 MiB idle'

interface Place {
  program: string
  url: string
  pool: string
  queue: string
  folder: string
}

async function measure(bench: Bench): Promise<Report> {
  bench.progress('building the package')
  const program = await buildProgram(bench.folder)
  const service = await startServiceProcess(bench.folder, program)
  bench.onEnd(service.stop)
  const client = new HttpClient(service.url, 1)
  bench.onEnd(() => Promise.resolve(client.close()))
  const starts = new Starts(bench.folder)
  const deploymentId = await setPickUpStage(client, starts.command)
  const place: Place = { program, url: service.url, pool: POOL, queue: QUEUE, folder: bench.folder }
  const first = await firstClaims(bench, place)
  const idle = await idleMemory(bench, client, place)
  const { rows, errors } = await manyRuns(bench, client, place, { starts, deploymentId })
  return { rows: [...rows.slice(0, -1), ...first, ...idle, ...rows.slice(-1)], notes: NOTES, errors }
}

const NOTES = [
  `Bars, on a machine that does nothing else: ${BARS}.`,
  `The package as \`npm run build\` bundles it: the service, and ${AGENTS} agents on one queue, with their defaults. Half of the runs are due when they are created, half at some moment of the next 5 seconds; one is created every 0.3 s in the mean.`,
  'Due: expected_start_time, as the service set it. Start: the time that the command, `date`, prints. The first runs of each agent start its watcher, and are counted.',
  'First claim: from the start of the process until its first claim call is answered. CPU: what the process has used by then.',
  'Memory: VmRSS. An agent starts its watcher with its first run, and keeps it.',
]

async function manyRuns(
  bench: Bench,
  client: HttpClient,
  place: Place,
  { starts, deploymentId }: { starts: Starts; deploymentId: string },
): Promise<{ rows: Row[]; errors: string[] }> {
  const names = Array.from({ length: AGENTS }, (_, at) => `agent-${at}`)
  const agents = names.map((name) => startAgentProcess(place, name))
  for (const { stop } of agents) bench.onEnd(stop)
  await untilOnline(client, names)
  const runs = bench.sizes.agentRuns
  bench.progress(`${runs} runs`)
  const { atOnce, later, errors } = await pickUps(client, starts, { deploymentId, runs, ahead: Math.floor(runs / 2) })
  const own = agents.map(({ pid }) => residentMib(pid))
  const watchers = agents.map(({ pid }) => childrenOf(pid).reduce((sum, child) => sum + residentMib(child), 0))
  const rows = [
    { what: 'due when created', ...pickUpRow(atOnce) },
    { what: 'due later', ...pickUpRow(later) },
    { what: 'after the runs', times: AGENTS, MiB: Math.max(...own), 'watcher MiB': Math.max(...watchers) },
  ]
  return { rows, errors }
}

async function firstClaims(bench: Bench, place: Place): Promise<Row[]> {
  const proxy = await openClaimProxy(place.url, bench)
  const times: number[] = []
  const cpu: number[] = []
  for (let at = 0; at < bench.sizes.agentStarts; at += 1) {
    bench.progress(`start ${at + 1} of ${bench.sizes.agentStarts}`)
    const claimed = proxy.nextClaim()
    const begun = performance.now()
    const { pid, stop } = startAgentProcess({ ...place, url: proxy.url }, 'starting')
    times.push((await claimed) - begun)
    cpu.push(cpuMsOf(pid) ?? Number.NaN)
    await stop()
  }
  return [{ what: 'first claim', ...pickUpRow(times), 'CPU ms': median(cpu) }]
}

async function idleMemory(bench: Bench, client: HttpClient, place: Place): Promise<Row[]> {
  const { name, pid, stop } = startAgentProcess(place, 'idle')
  await untilOnline(client, [name])
  const seconds = bench.sizes.idleSeconds
  bench.progress(`idle for ${seconds} s`)
  await sleep(seconds * 1000)
  const row = { what: `idle for ${seconds} s`, times: 1, MiB: residentMib(pid), 'watcher MiB': 0 }
  await stop()
  return [row]
}
