import type { BodyOf } from '#shared/client/client.ts'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Json } from '../../outside/caller.ts'
import { uuidOf } from '../../verbs/uuid-of.ts'
import { jam } from '../afterwards/jam.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

const LEASE_SECONDS = 60
/** Longer than a hold is not looked at (AGENT_HOLD_CHECK_SECONDS), by calls each half hour. */
const LONG_SECONDS = 7 * 3_600
const LONG_LEASE_SECONDS = 3_600
const RUNS = 5
const SLOTS = 3
const JAMMED_SHARE = 0.5
/** What becomes of the agent. */
const FATES = ['falls silent', 'is taken over', 'is deleted', 'leaves'] as const

type Body = BodyOf<'claimWork'>
type Claim = (change?: Partial<Body>) => Promise<{ status: number; body: Json }>

/**
 * Has an agent claim runs, start one, be told to stop another, and then be lost: what it holds is held until its lease is
 * over, and right after that it is ended as it has to be, even where nothing can be written about one of the runs.
 */
export async function lostAgent(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const requeues = chance.hits(0.5)
  const deployment = await deploy(fork, place, { on_agent_lost: requeues ? 'requeue' : 'crash' })
  for (let n = 0; n < RUNS; n += 1) await create(fork, deployment)
  const agent = { id: uuidOf({ chance }), name: 'staged' }
  const claim = claimOf(fork, chance, place.pool, agent)
  const [first, again] = [await claim({}), await claim({ sequence: 1, free: { slots: SLOTS } })]
  const ids = idsOf(first)
  const problems = sameAgain(ids, idsOf(again))
  if (problems.length > 0) return problems
  const holding = ids.map((id) => ({ flow_run_id: id, generation: 1 }))
  const [running = '', cancelled = '', pending = ''] = ids
  for (const id of [running, cancelled]) await report(fork, id, 'RUNNING')
  await fork.call('setFlowRunState', { id: cancelled }, { state: { type: 'CANCELLING', message: 'Enough.' } })
  // Renewed, while the index still shows the end of the lease before.
  fork.pass(0.4 * LEASE_SECONDS)
  const told = await claim({ sequence: 1, holding, free: { slots: 0 } })
  if (!(told.body.stop as Json[]).some(({ flow_run_id: id }) => id === cancelled))
    return [`run ${cancelled} is ${storedRun(fork, cancelled)?.state.name}, and its agent is not told to stop it`]
  const fate = chance.pick(FATES) ?? 'falls silent'
  const next = claimOf(fork, chance.of('next'), place.pool, agent)
  if (fate === 'is deleted') await fork.call('deleteAgent', { id: agent.id })
  if (fate === 'leaves') await claim({ sequence: 1, holding, leaving: true })
  const taken = fate === 'is taken over' ? idsOf(await next({})) : []
  fork.pass(0.7 * LEASE_SECONDS)
  await fork.sweep()
  const early = ids.filter((id) => storedRun(fork, id)?.claim?.session?.agentId !== agent.id)
  if (early.length > 0) return early.map((id) => `run ${id} was let go while the lease counts of an agent that ${fate}`)
  const jammed = chance.hits(JAMMED_SHARE) ? chance.pick(ids) : undefined
  const run = jammed === undefined ? undefined : storedRun(fork, jammed)
  if (run) jam(fork, run, true)
  fork.pass(0.4 * LEASE_SECONDS)
  await fork.sweep()
  const wanted = new Map([
    [running, requeues ? 'SCHEDULED' : 'CRASHED'],
    [cancelled, 'CANCELLED'],
    [pending, 'SCHEDULED'],
  ])
  return [
    ...taken
      .filter((id) => wanted.has(id))
      .map((id) => `run ${id} was handed out while the lease counts of an agent that ${fate}`),
    ...ids.filter((id) => id !== jammed).flatMap((id) => endProblems(storedRun(fork, id), wanted.get(id), fate)),
    ...(await lateCall(claim, holding, fate)),
  ]
}

/** Has an agent ask for more that repeats a call, is paused, or is to drain: it is told of what it holds, and no more. */
export async function agentHeldBack(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const deployment = await deploy(fork, place)
  for (let n = 0; n < SLOTS; n += 1) await create(fork, deployment)
  const agent = { id: uuidOf({ chance }), name: 'staged' }
  const claim = claimOf(fork, chance, place.pool, agent)
  const repeated = { request_id: uuidOf({ chance }) }
  const [one] = idsOf(await claim({ ...repeated, free: { slots: 1 } }))
  const wrong: string[] = []
  const asks = async (words: string, change: Partial<Body> = {}) => {
    const got = idsOf(await claim(change))
    if (JSON.stringify(got) !== JSON.stringify([one]))
      wrong.push(`an agent ${words} got ${got.length} runs, and holds one`)
  }
  await asks('that repeats a call', repeated)
  await fork.call('pauseAgent', { id: agent.id }, { for_seconds: LEASE_SECONDS })
  await asks('that is paused')
  await fork.call('resumeAgent', { id: agent.id })
  await fork.call('drainAgent', { id: agent.id })
  await asks('that is to drain')
  await fork.call('resumeAgent', { id: agent.id })
  const all = idsOf(await claim())
  return [...wrong, ...(all.length === SLOTS ? [] : [`an agent that was resumed got ${all.length} runs of ${SLOTS}`])]
}

/** Has an agent hold a run for half a day: it is held on. Then its session is missing, as after a restore of half a backup. */
export async function longHold(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const id = await create(fork, await deploy(fork, place))
  const agent = { id: uuidOf({ chance }), name: 'staged' }
  const claim = claimOf(fork, chance, place.pool, agent)
  const settings = { lease_seconds: LONG_LEASE_SECONDS }
  await claim(settings)
  await report(fork, id, 'RUNNING')
  const hours = async (act: () => Promise<unknown>) => {
    for (let passed = 0; passed < LONG_SECONDS; passed += LONG_LEASE_SECONDS / 2) {
      fork.pass(LONG_LEASE_SECONDS / 2)
      await act()
      await fork.sweep()
    }
  }
  const holding = [{ flow_run_id: id, generation: 1 }]
  await hours(() => claim({ ...settings, sequence: 1, holding, free: { slots: 0 } }))
  const held = storedRun(fork, id)
  if (!held?.claim) return [`run ${id} is ${held?.state.name}, and its agent has called each half hour`]
  const Key = { pk: { S: 'agents' }, sk: { S: agent.id } }
  fork.table.answer('DeleteItemCommand', { TableName: fork.table.name, Key })
  await hours(() => Promise.resolve())
  const { name } = storedRun(fork, id)?.state ?? { name: 'gone' }
  return name === 'Crashed' ? [] : [`run ${id} is ${name}, and no session has it on record`]
}

function claimOf(fork: Fork, chance: Chance, pool: string, agent: Body['agent']): Claim {
  const session = uuidOf({ chance })
  const settings = { sequence: 0, free: { slots: SLOTS }, capacity: { slots: SLOTS }, lease_seconds: LEASE_SECONDS }
  return (change) => {
    const request_id = uuidOf({ chance })
    return fork.call('claimWork', { name: pool }, { agent, session, request_id, ...settings, ...change })
  }
}

const idsOf = ({ body }: { body: Json }): string[] => (body.runs as Json[]).map(({ flow_run }) => flow_run.id as string)

function sameAgain(ids: readonly string[], again: readonly string[]): string[] {
  if (ids.length !== SLOTS) return [`an agent with ${SLOTS} slots was handed ${ids.length} runs of ${RUNS}`]
  return JSON.stringify(ids) === JSON.stringify(again)
    ? []
    : [`of ${ids.join(', ')}, unheard of, ${again.join(', ')} came again`]
}

async function report(fork: Fork, id: string, type: 'RUNNING'): Promise<void> {
  const run = storedRun(fork, id)
  if (run) await fork.callUnder(startedByOf(run), 'setFlowRunState', { id }, { state: { type } })
}

function endProblems(run: FlowRun | undefined, wanted: string | undefined, fate: string): string[] {
  if (run?.state.type === wanted && run?.claim === null) return []
  return [`run ${run?.id} is ${run?.state.name} after the lease of an agent that ${fate}, and not ${wanted}`]
}

/** A late call of the session that is over. */
async function lateCall(claim: Claim, holding: NonNullable<Body['holding']>, fate: string): Promise<string[]> {
  const late = await claim({ sequence: 1, holding })
  return late.status === 409 ? [] : [`an agent that ${fate} was answered ${late.status} when it called once more`]
}
