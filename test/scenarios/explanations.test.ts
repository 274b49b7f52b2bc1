import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { api, type Json } from '../support/api.ts'
import { sqsEvent, wakeUpBody } from '../support/lambda-events.ts'
import { openStage, type Stage, settle } from '../support/stage.ts'

let engine: DynamoDbEngine
let stage: Stage
beforeAll(async () => {
  engine = await startDynoxide()
  stage = await openStage(engine)
  stage.ecs.script = () => ({ runsForSeconds: null })
})
afterAll(async () => {
  stage.close()
  await engine.stop()
})

const call = async (method: 'get' | 'post' | 'patch', path: string, body?: Json): Promise<Json> => {
  const answer = await api(stage.deps)[method](path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** What can be in the way of a run, beside those that go first. */
const KINDS = ['pool paused', 'queue paused', 'pool full', 'queue full', 'deployment full', 'not due'] as const
type Kind = (typeof KINDS)[number]

const DUE_SECONDS = 60

interface Situation {
  pool: string
  deploymentId: string
  runId: string
  remove: Record<Kind, () => Promise<unknown>>
}

let situations = 0

/** A pool of its own in which a run waits for all of these, with holders where a limit is to be full. */
async function situationOf(kinds: readonly Kind[]): Promise<Situation> {
  situations += 1
  const pool = `pool-${situations}`
  const { id: flowId } = await call('post', '/flows', { name: 'job' })
  await call('post', '/work_pools', { name: pool, type: 'ecs:push' })
  for (const name of ['own', 'other']) await call('post', `/work_pools/${pool}/queues`, { name })
  const deploy = async (name: string, queue: string, rest: Json = {}) =>
    await call('post', '/deployments', {
      name: `${pool}-${name}`,
      flow_id: flowId,
      work_pool_name: pool,
      work_queue_name: queue,
      job_variables: { command: ['true'] },
      ...rest,
    })
  const own = await deploy('own', 'own', kinds.includes('deployment full') ? { concurrency_limit: 1 } : {})
  const run = async (deployment: Json, body: Json = {}) =>
    await call('post', `/deployments/${deployment.id}/create_flow_run`, body)
  // Each limit is filled by a run that takes no slot of the others.
  if (kinds.includes('pool full')) await run(await deploy('elsewhere', 'other'))
  if (kinds.includes('queue full')) await run(await deploy('beside', 'own'))
  if (kinds.includes('deployment full')) await run(own, { work_queue_name: 'other' })
  await settle(stage)
  const held = (await call('get', `/work_pools/${pool}/queues/other`)).id
  expect(held).toBeDefined()
  const at = new Date(stage.world.clock.now() / 1000 + DUE_SECONDS * 1000).toISOString()
  const state = { type: 'SCHEDULED', state_details: kinds.includes('not due') ? { scheduled_time: at } : {} }
  const close = {
    'pool paused': () => call('patch', `/work_pools/${pool}`, { is_paused: true }),
    'queue paused': () => call('patch', `/work_pools/${pool}/queues/own`, { is_paused: true }),
    'pool full': async () => call('patch', `/work_pools/${pool}`, { concurrency_limit: await heldIn(pool) }),
    'queue full': () => call('patch', `/work_pools/${pool}/queues/own`, { concurrency_limit: 1 }),
    'deployment full': () => Promise.resolve({}),
    'not due': () => Promise.resolve({}),
  }
  for (const kind of kinds) await close[kind]()
  const { id: runId } = await run(own, { state })
  // The dispatcher has met the run before anybody asks.
  await wake(pool)
  const remove = {
    'pool paused': () => call('patch', `/work_pools/${pool}`, { is_paused: false }),
    'queue paused': () => call('patch', `/work_pools/${pool}/queues/own`, { is_paused: false }),
    'pool full': () => call('patch', `/work_pools/${pool}`, { concurrency_limit: 99 }),
    'queue full': () => call('patch', `/work_pools/${pool}/queues/own`, { concurrency_limit: 99 }),
    'deployment full': () => call('patch', `/deployments/${own.id}`, { concurrency_limit: 99 }),
    'not due': () => Promise.resolve(stage.world.clock.pass(DUE_SECONDS + 1)),
  }
  return { pool, deploymentId: String(own.id), runId: String(runId), remove }
}

async function heldIn(pool: string): Promise<number> {
  return Number((await call('post', `/work_pools/${pool}/concurrency_status`, {})).active_slots)
}

async function wake(pool: string): Promise<void> {
  const { id: poolId } = await call('get', `/work_pools/${pool}`)
  await createDispatcher(stage.deps)(sqsEvent([wakeUpBody({ poolId: String(poolId), reason: 'due' })]))
}

/** The obstacles that explain names, by the words used here. */
async function named({ runId }: Pick<Situation, 'runId'>): Promise<string[]> {
  const { obstacles } = await call('get', `/flow_runs/${runId}/explain`)
  return (obstacles as Json[]).map(({ reason, limit }) =>
    reason === 'not_due' ? 'not due' : `${limit.kind} ${reason}`,
  )
}

/** Whether the run is handed out once these obstacles are gone, by the wake-ups that this brings. */
async function startsWithout(situation: Situation, kinds: readonly Kind[]): Promise<boolean> {
  stage.world.sent.splice(0)
  for (const kind of kinds) await situation.remove[kind]()
  await settle(stage)
  // A run that falls due is woken by a delayed message, which is not waited for here.
  if (kinds.includes('not due')) await wake(situation.pool)
  const { state_type: type } = await call('get', `/flow_runs/${situation.runId}`)
  return type !== 'SCHEDULED'
}

const pairs = KINDS.flatMap((a, at) => KINDS.slice(at + 1).map((b) => [a, b] as Kind[]))
const triples: Kind[][] = [
  ['pool paused', 'queue paused', 'pool full'],
  ['pool paused', 'queue full', 'deployment full'],
  ['queue paused', 'pool full', 'deployment full'],
  ['pool full', 'queue full', 'deployment full'],
  ['pool paused', 'deployment full', 'not due'],
  ['queue paused', 'queue full', 'not due'],
  ['pool full', 'queue full', 'not due'],
  ['queue paused', 'pool paused', 'deployment full'],
  [...KINDS],
]
const SITUATIONS: Kind[][] = [...KINDS.map((kind) => [kind]), ...pairs, ...triples]

describe.each(SITUATIONS.map((kinds) => ({ kinds, name: kinds.join(', ') })))(
  'a run that waits: $name',
  ({ kinds }) => {
    it('is said to wait for exactly that, and starts without it', { timeout: 60_000 }, async () => {
      const situation = await situationOf(kinds)
      expect((await named(situation)).toSorted()).toEqual(kinds.toSorted())
      expect(await startsWithout(situation, kinds)).toBe(true)
    })

    it('does not start while any of it is left', { timeout: 60_000 }, async () => {
      const others = KINDS.filter((kind) => !kinds.includes(kind) && kind !== 'not due')
      const unnamed = await situationOf(kinds)
      expect(await startsWithout(unnamed, others)).toBe(false)
      for (const left of kinds) {
        const situation = await situationOf(kinds)
        expect([
          left,
          await startsWithout(
            situation,
            kinds.filter((kind) => kind !== left),
          ),
        ]).toEqual([left, false])
      }
    })
  },
)
