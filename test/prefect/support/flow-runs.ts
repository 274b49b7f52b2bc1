import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Journey } from './journey.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- journeys assert on JSON
type Json = any

const FLOWS = join(import.meta.dirname, '..', 'flows', 'flows.py')
const TERMINAL = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'])
const POLL_MS = 200
const TIMEOUT_MS = 120_000

/** Deploys a flow of test/prefect/flows in a pool; returns the deployment. Its code is in the folder. */
export async function deploy(journey: Journey, pool: string, flow: string, more: object = {}): Promise<Json> {
  journey.write('flows.py', readFileSync(FLOWS, 'utf8'))
  const { id } = await journey.call('POST', '/flows/', { name: flow })
  return await journey.call('POST', '/deployments/', {
    flow_id: id,
    name: pool,
    work_pool_name: pool,
    entrypoint: `flows.py:${flow}`,
    pull_steps: [{ 'prefect.deployments.steps.set_working_directory': { directory: journey.folder } }],
    ...more,
  })
}

/** Creates a run of a deployment; returns its id. */
export async function launch(journey: Journey, deployment: { id: string }, more: object = {}): Promise<string> {
  return (await journey.call('POST', `/deployments/${deployment.id}/create_flow_run`, more)).id
}

export function readRun(journey: Journey, runId: string): Promise<Json> {
  return journey.call('GET', `/flow_runs/${runId}`)
}

/** Waits until a run meets a condition; returns it. */
export async function runOnce(
  journey: Journey,
  runId: string,
  wanted: (run: Json) => boolean,
  timeoutMs = TIMEOUT_MS,
): Promise<Json> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const run = await readRun(journey, runId)
    if (wanted(run)) return run
    if (Date.now() > deadline) throw new Error(`waited in vain; the run is ${JSON.stringify(run.state)}`)
    await sleep(POLL_MS)
  }
}

/** Waits until a run has ended; returns it. */
export function endedRun(journey: Journey, runId: string, timeoutMs?: number): Promise<Json> {
  return runOnce(journey, runId, (run) => TERMINAL.has(run.state_type), timeoutMs)
}

/** The names of the states that a run has been in. */
export async function stateNames(journey: Journey, runId: string): Promise<string[]> {
  const states: Json[] = await journey.call('GET', `/flow_run_states/?flow_run_id=${runId}`)
  return states.map(({ name }) => name)
}

/** What a run has logged, in order. */
export async function messages(journey: Journey, runId: string): Promise<string[]> {
  const logs = { flow_run_id: { any_: [runId] } }
  const lines: Json[] = await journey.call('POST', '/logs/filter', { logs, sort: 'TIMESTAMP_ASC' })
  return lines.map(({ message }) => message)
}

/** How many of some ended runs were held at once, at most: from their claim to their end. */
export async function heldAtOnce(journey: Journey, runIds: readonly string[]): Promise<number> {
  const histories: Json[][] = await Promise.all(
    runIds.map((runId) => journey.call('GET', `/flow_run_states/?flow_run_id=${runId}`)),
  )
  const changes = histories.flatMap((states) => [
    { at: states.find(({ type }) => type === 'PENDING').timestamp as string, by: 1 },
    { at: states.at(-1).timestamp as string, by: -1 },
  ])
  let held = 0
  const inOrder = changes.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.by - b.by))
  return Math.max(...inOrder.map(({ by }) => (held += by)))
}
