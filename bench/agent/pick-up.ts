import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../report/statistics.ts'
import type { HttpClient } from '../service/http-client.ts'
import { waitUntil } from '../service/wait-until.ts'
import type { Row } from '../workload.ts'
import type { Starts } from './starts.ts'

export const POOL = 'machines'
export const QUEUE = 'work'
export const AGENTS = 3
/** Between one run and the next, at most. */
const APART_SECONDS_MAX = 0.6
/** How far ahead runs are scheduled that are not due at once, at most. */
const AHEAD_SECONDS_MAX = 5
const PICK_UP_SECONDS_MAX = 120

/** Sets up a pool with a queue for agents or workers, and a deployment of a command. Answers the deployment's id. */
export async function setPickUpStage(client: HttpClient, command: string | string[]): Promise<string> {
  await client.call('createWorkPool', { name: POOL, type: 'process' })
  await client.call('createWorkQueue', { pool: POOL }, { name: QUEUE })
  const flow = await client.call('createFlow', { name: 'bench' })
  const deployment = await client.call('createDeployment', {
    name: POOL,
    flow_id: flow.id,
    work_pool_name: POOL,
    work_queue_name: QUEUE,
    job_variables: { command },
  })
  return deployment.id
}

/** From due to start, in milliseconds. */
export interface PickUps {
  atOnce: number[]
  later: number[]
  errors: string[]
}

/** Creates runs at random moments, `ahead` of them due later, and waits until all have started. */
export async function pickUps(
  client: HttpClient,
  starts: Starts,
  { deploymentId, runs, ahead }: { deploymentId: string; runs: number; ahead: number },
): Promise<PickUps> {
  const due = new Map<string, { at: number; isLater: boolean }>()
  for (let at = 0; at < runs; at += 1) {
    await sleep(Math.random() * APART_SECONDS_MAX * 1000)
    // Spread evenly among the others.
    const isLater = Math.floor(((at + 1) * ahead) / runs) > Math.floor((at * ahead) / runs)
    const scheduled = new Date(Date.now() + (isLater ? Math.random() * AHEAD_SECONDS_MAX * 1000 : 0)).toISOString()
    const state = { type: 'SCHEDULED' as const, state_details: { scheduled_time: scheduled } }
    const run = await client.call('createFlowRunFromDeployment', { id: deploymentId }, isLater ? { state } : {})
    due.set(run.id, { at: Date.parse(run.expected_start_time ?? ''), isLater })
  }
  const missing = () => [...due.keys()].filter((id) => !starts.read().has(id))
  await waitUntil('all runs have started', () => missing().length === 0, PICK_UP_SECONDS_MAX * 1000).catch(() => {})
  const started = starts.read()
  const msOf = (later: boolean) =>
    [...due]
      .filter(([id, { isLater }]) => isLater === later && started.has(id))
      .map(([id, { at }]) => (started.get(id) ?? 0) - at)
  return { atOnce: msOf(false), later: msOf(true), errors: missing().map((id) => `run ${id} has not started`) }
}

/** Times in the columns that every table of pick-ups has. */
export function pickUpRow(ms: readonly number[]): Row {
  return {
    times: ms.length,
    lowest: Math.min(...ms),
    'p50 ms': quantile(ms, 0.5),
    'p99 ms': quantile(ms, 0.99),
    highest: Math.max(...ms),
  }
}
