import type { KnownPool } from '../outside/known.ts'
import type { KnownAgent } from '../outside/known-agents.ts'
import { AgentHost, type AgentSettings } from './agent-host.ts'
import { createSome } from './create-runs.ts'
import { kindOfPool } from './pools.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene, Verb } from './verb.ts'

const LEASES = [10, 30, 60, 60]
const ROUNDS = { min: 3, max: 8 }
/** How often it is another process of an agent that somebody has started before, which may still be at work. */
const TAKES_OVER = 0.3
/** Beyond that a host only calls. */
const AGENTS_MAX = 4

/** Has a pushpool agent serve a pull pool for some minutes: it claims and works, and leaves, dies, or stands still. */
export const claimingAgent: Verb = {
  name: 'an agent at work',
  weight: 12,
  async act(scene) {
    const { chance } = scene
    const pool = scene.anyPool(chance.hits(0.03) ? undefined : false)
    if (!pool) return
    if (chance.hits(0.1)) {
      const client = scene.client('careless')
      await client.call('createWorkPool', { name: pool.name, ...kindOfPool(chance, pool.push) })
    }
    const agent = agentFor(scene, pool)
    await Promise.all([giveWork(scene, pool), live(scene, agent, pool, true)])
  },
}

/** Runs for an agent, without which most would have none. */
async function giveWork(scene: Scene, pool: KnownPool): Promise<void> {
  const { chance, known, sleep } = scene
  const deployment = chance.pick(known.deployments.filter((each) => each.pool === pool.name))
  if (!deployment) return
  await createSome(scene, deployment, chance.whole(2, 5))
  await sleep(chance.between(0, 60))
  await createSome(scene, deployment, chance.whole(1, 2), chance.between(0, 30))
}

function agentFor(scene: Scene, pool: KnownPool): KnownAgent {
  const { chance, known } = scene
  const before = chance.hits(TAKES_OVER) ? chance.pick(known.agents.list) : undefined
  if (before) return before
  const made = { id: uuidOf(scene), name: `host-${chance.whole(1, AGENTS_MAX)}`, pool: pool.name }
  known.agents.list.push(made)
  return made
}

/** One start of an agent, and what becomes of it. */
async function live(scene: Scene, agent: KnownAgent, pool: KnownPool, mayReturn: boolean): Promise<void> {
  const { chance } = scene
  const settings = settingsOf(scene, pool)
  const host = new AgentHost(scene, agent, settings)
  const rounds = chance.whole(ROUNDS.min, ROUNDS.max)
  // Another process of the same agent begins meanwhile.
  const twin = mayReturn && chance.hits(0.12) ? returns(scene, agent, pool, chance.between(0, 60)) : undefined
  await host.serve(rounds)
  const end = chance.pick(['drains', 'drains', 'dies', 'dies', 'stands still'] as const)
  if (end === 'stands still' && !host.over) {
    await host.stop(settings.leaseSeconds * chance.between(0.8, 3))
    await host.serve(chance.whole(1, 3))
  }
  if (end === 'dies') {
    host.kill()
    if (mayReturn && chance.hits(0.5)) await returns(scene, agent, pool, chance.between(0, 2 * settings.leaseSeconds))
  } else if (!host.over) await host.drain()
  await twin
}

async function returns(scene: Scene, agent: KnownAgent, pool: KnownPool, seconds: number): Promise<void> {
  await scene.sleep(seconds)
  await live(scene, agent, pool, false)
}

function settingsOf({ chance }: Scene, pool: KnownPool): AgentSettings {
  const queues = pool.queues.toSorted(() => chance.next() - 0.5).slice(0, chance.whole(1, 2))
  const places = chance.pick([
    {},
    {},
    {},
    { queues },
    { queues },
    { queues: [...queues, `of-agents-${chance.whole(1, 2)}`] },
    { match: ['q'] },
    { queues: queues.slice(0, 1), match: ['q', 'd'] },
  ])
  const limits = chance.pick([
    undefined,
    undefined,
    { each: 1 },
    { each: 1 },
    { each: 2, by_flow: { job: 1 } },
    { by_flow: { job: chance.whole(0, 3), light: 1 } },
  ])
  return {
    slots: chance.whole(1, 4),
    cpu: chance.hits(0.25) ? 2_048 : null,
    leaseSeconds: chance.pick(LEASES) ?? 30,
    ask: {
      ...places,
      order: chance.hits(0.3) ? 'fair' : 'strict',
      ...(limits === undefined ? {} : { flow_limits: limits }),
      prefetch_seconds: chance.hits(0.4) ? 10 : 0,
    },
  }
}

/** Lists agents, and pauses, resumes, drains or deletes one. */
export const operateAgents: Verb = {
  name: 'operate agents',
  weight: 5,
  async act(scene) {
    const { chance, known, sleep } = scene
    const client = scene.client()
    const status = chance.hits(0.3) ? { agents: { status: { any_: ['ONLINE'] } } } : {}
    if (chance.hits(0.5)) await client.call('listAgents', status)
    const id = { id: (chance.hits(0.95) ? chance.pick(known.agents.list)?.id : undefined) ?? uuidOf(scene) }
    if (chance.hits(0.4)) await client.call('getAgent', id)
    const act = chance.pick(['pause', 'pause', 'drain', 'delete', 'resume'] as const)
    if (act === 'drain') await client.call('drainAgent', id)
    if (act === 'delete') await client.call('deleteAgent', id)
    if (act === 'pause')
      await client.call(
        'pauseAgent',
        id,
        chance.hits(0.5) ? { for_seconds: chance.whole(5, 60) } : { note: 'new disk' },
      )
    if (act === 'delete') return
    await sleep(chance.between(0, 40))
    if (chance.hits(0.6)) await client.call('resumeAgent', id)
  },
}
