import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { deploy, endedRun, heldAtOnce, launch, readRun } from './support/flow-runs.ts'
import { type Journey, journeys, type Running } from './support/journey.ts'

const POOL = 'hosts'
const QUEUE = 'narrow'
/** A hundred take some five minutes of a small machine: PUSHPOOL_SHARED_QUEUE_RUNS=100. */
const RUNS = Number(process.env.PUSHPOOL_SHARED_QUEUE_RUNS ?? 30)
const ROUNDS_MAX = 5
const TIMEOUT_MS = 120_000 + ROUNDS_MAX * RUNS * 10_000
/** They poll as often as they can, so that they collide, and log unbuffered. */
const EAGER = { PREFECT_WORKER_QUERY_SECONDS: '0.3', PREFECT_AGENT_QUERY_INTERVAL: '0.3', PYTHONUNBUFFERED: '1' }

/**
 * What the workers and our agent run in place of Prefect's engine, which takes seconds to start: it reports the same states, and no
 * more. Prefect's agent ignores it, and runs the flow.
 */
const COMMAND = `
import json, os, sys, time, urllib.request

run = os.environ["PREFECT__FLOW_RUN_ID"]

def propose(state):
    body = json.dumps({"state": {"type": state}}).encode()
    url = f'{os.environ["PREFECT_API_URL"]}/flow_runs/{run}/set_state'
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["status"]

def write(word):
    with open(sys.argv[1], "a") as file:
        file.write(f"{word} {run} {time.time()}\\n")

while propose("RUNNING") == "WAIT":
    time.sleep(0.1)
write("start")
write("end")
propose("COMPLETED")
`

journeys("two workers, Prefect's agent and ours on one queue with a limit of 1", 'newest', (opened) => {
  let journey: Journey
  let hosts: Running[] = []
  beforeAll(async () => {
    journey = opened()
    await journey.call('POST', '/work_pools/', { name: POOL, type: 'process' })
    await journey.call('POST', `/work_pools/${POOL}/queues`, { name: QUEUE, concurrency_limit: 1 })
    const worker = ['worker', 'start', '--pool', POOL, '--work-queue', QUEUE, '--type', 'process', '--name']
    hosts = [
      journey.start([...worker, 'newest'], { env: EAGER }),
      journey.start([...worker, 'floor'], { env: EAGER, release: 'floor' }),
      journey.start(['agent', 'start', '--pool', POOL, '-q', QUEUE], { env: EAGER, release: 'two' }),
      journey.startAgent(['--pool', POOL, '-q', QUEUE, '--prefetch-seconds', '0']),
    ]
  })

  it(`run ${RUNS} runs once each, and never two at once`, { timeout: TIMEOUT_MS }, async () => {
    await Promise.all(hosts.map((host) => host.printed('started!')))
    const ledger = join(journey.folder, `ledger-${randomUUID()}`)
    const script = journey.write('report.py', COMMAND)
    const deployment = await deploy(journey, POOL, 'note', {
      work_queue_name: QUEUE,
      parameters: { ledger },
      job_variables: { command: `python ${script} ${ledger}` },
    })
    const runs: string[] = []
    const took = () => hosts.map((host) => host.output().match(/submitting flow run/gi)?.length ?? 0)
    // The quickest takes most runs; until each has taken some, the test does not show all of them sharing a queue.
    for (let round = 0; round === 0 || (round < ROUNDS_MAX && took().includes(0)); round += 1) {
      const more = []
      for (let n = 0; n < RUNS; n += 1) more.push(await launch(journey, deployment))
      for (const runId of more) await endedRun(journey, runId, TIMEOUT_MS)
      runs.push(...more)
    }
    const ends = await Promise.all(runs.map((runId) => readRun(journey, runId)))
    expect(ends.map(({ state_name: name, run_count: count }) => `${name} ${count}`)).toEqual(
      runs.map(() => 'Completed 1'),
    )
    expect(await heldAtOnce(journey, runs)).toBe(1)
    const lines = readFileSync(ledger, 'utf8').trim().split('\n')
    const words = lines.map((line) => line.split(' ').slice(0, 2).join(' '))
    const expected = words.filter((_, at) => at % 2 === 0).flatMap((line) => [line, line.replace('start', 'end')])
    expect(words).toEqual(expected)
    expect(new Set(words).size).toBe(2 * runs.length)
    console.log('runs submitted by the newest worker, the oldest, the agent of Prefect and ours:', ...took())
    expect(Math.min(...took())).toBeGreaterThan(0)
  })
})
