import type { BodyOf } from '#shared/client/client.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Json } from '../../outside/caller.ts'
import { kindOfPool } from '../../verbs/pools.ts'
import type { Fork } from '../fork.ts'
import { momentOf } from '../starts.ts'

/** The pool of what is staged, beside all that a world has come to. */
const POOL = 'staged'

/** A pool and a flow of their own. */
export interface Place {
  pool: string
  flowId: string
}

/** Opens a place in a fork, in which nothing has happened yet. */
export async function openPlace(fork: Fork, chance: Chance, push: boolean): Promise<Place> {
  await said(fork.call('createWorkPool', { name: POOL, ...kindOfPool(chance, push) }))
  const flow = await said(fork.call('createFlow', { name: POOL }))
  return { pool: POOL, flowId: flow.id as string }
}

/** Creates a deployment there, of commands. Returns its id. */
export async function deploy(
  fork: Fork,
  { pool, flowId }: Place,
  more: Partial<BodyOf<'createDeployment'>> = {},
): Promise<string> {
  const job = { job_variables: { command: ['work'] } }
  const body = { name: POOL, flow_id: flowId, work_pool_name: pool, ...job, ...more }
  return (await said(fork.call('createDeployment', body))).id as string
}

/** Creates a run of a deployment. Returns its id. */
export async function create(
  fork: Fork,
  id: string,
  more: BodyOf<'createFlowRunFromDeployment'> = {},
): Promise<string> {
  return (await said(fork.call('createFlowRunFromDeployment', { id }, more))).id as string
}

/** A run as it is stored, in the life that it has now. */
export function storedRun(fork: Fork, id: string): FlowRun | undefined {
  return [...momentOf(fork).picture.runs.values()].find((run) => run.id === id)
}

/** Proposes a state. Returns the status of the answer: ACCEPT, and so on. */
export async function proposed(fork: Fork, id: string, type: string, force = false): Promise<string> {
  const body = { state: { type: type as 'PENDING' }, force }
  return (await said(fork.call('setFlowRunState', { id }, body))).status as string
}

async function said(answer: ReturnType<Fork['call']>): Promise<Json> {
  const { status, body } = await answer
  if (status >= 300) throw new Error(`what is staged was answered ${status}: ${JSON.stringify(body)}`)
  return body
}
