import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { EXPECTED, STATES } from './expected-answers.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

/** How a run is worked on: by a worker, or on ECS as a flow or a command. */
type Kind = keyof typeof EXPECTED

/** The proposals that bring a run to where it is asked; the first of one on ECS is the tick's. */
const WAYS: Record<string, readonly Step[]> = {
  waiting: [],
  'waiting for its time': [],
  claimed: ['PENDING'],
  running: ['PENDING', 'RUNNING'],
  paused: ['PENDING', 'RUNNING', 'PAUSED'],
  'paused too long': ['PENDING', 'RUNNING', 'PAUSED briefly'],
  'paused before': ['PENDING', 'RUNNING', 'PAUSED', 'RUNNING'],
  suspended: ['PENDING', 'RUNNING', 'SUSPENDED'],
  cancelling: ['PENDING', 'RUNNING', 'CANCELLING'],
  cancelled: ['PENDING', 'RUNNING', 'CANCELLING', 'CANCELLED'],
  completed: ['PENDING', 'RUNNING', 'COMPLETED'],
  failed: ['PENDING', 'RUNNING', 'FAILED'],
  crashed: ['PENDING', 'RUNNING', 'CRASHED'],
}

/** What is proposed of a run in each place, in the order of the answers; the last resumes it, by the call for that. */
const PROPOSALS = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'PAUSED',
  'SUSPENDED',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'CRASHED',
  'RESUME',
] as const

type Step = (typeof PROPOSALS)[number] | 'PAUSED briefly'

const BRIEFLY_SECONDS = 5
const LATER_SECONDS = 3_600

/** Proposes every state, by force too, of a run that has come some way, each in a fork: told here is what has to come of it. */
export async function proposals(fork: Fork, chance: Chance): Promise<string[]> {
  const kind = chance.pick(Object.keys(EXPECTED) as Kind[]) ?? 'worker'
  const way = chance.pick(Object.keys(EXPECTED[kind])) ?? 'waiting'
  const expected = (EXPECTED[kind] as Record<string, string>)[way]?.split(' ') ?? []
  const found = await answersTo(fork, chance, kind, WAYS[way] ?? [])
  return found.flatMap(({ proposal, answer }, at) =>
    answer === expected[at]
      ? []
      : [`a run of a ${kind} that is ${way}, proposed ${proposal}, comes to ${answer} in place of ${expected[at]}`],
  )
}

/** What comes of each proposal, in the words of the table. */
async function answersTo(origin: Fork, chance: Chance, kind: Kind, way: readonly Step[]) {
  const id = await come(origin, chance, kind, way)
  const found: { proposal: string; answer: string }[] = []
  for (const force of [false, true]) {
    for (const proposal of PROPOSALS) {
      if (force && proposal === 'RESUME') continue
      const fork = origin.fork()
      const status = await propose(fork, id, proposal, force)
      const { state, claim } = storedRun(fork, id) ?? {}
      const after = state ? `${STATES[state.type]}${claim ? '+' : ''}` : 'gone'
      found.push({ proposal: force ? `${proposal} by force` : proposal, answer: `${status}${after}` })
    }
  }
  return found
}

/** Brings a run the whole way. Returns its id. */
async function come(fork: Fork, chance: Chance, kind: Kind, way: readonly Step[]): Promise<string> {
  const onEcs = kind !== 'worker'
  const place = await openPlace(fork, chance, onEcs)
  const isFlow = kind !== 'command'
  const job = isFlow ? { job_variables: {}, entrypoint: 'flow.py:main' } : {}
  const due = formatInstant(addSeconds(fork.clock.at, LATER_SECONDS))
  const state = { type: 'SCHEDULED' as const, state_details: { scheduled_time: due } }
  const id = await create(fork, await deploy(fork, place, job), way === WAYS['waiting for its time'] ? { state } : {})
  const [first, ...rest] = way
  if (first && onEcs) await fork.tick()
  else if (first) await propose(fork, id, first, false)
  for (const step of rest) {
    // ECS tells of a command that it runs.
    if (!isFlow && step === 'RUNNING') {
      fork.ecs.pass()
      await fork.report(fork.ecs.takeNews())
    } else await propose(fork, id, step, false)
  }
  if (way.at(-1) === 'PAUSED briefly') fork.pass(2 * BRIEFLY_SECONDS)
  return id
}

async function propose(fork: Fork, id: string, step: Step, force: boolean): Promise<string> {
  const { status, body } =
    step === 'RESUME'
      ? await fork.call('resumeFlowRun', { id }, {})
      : await fork.call('setFlowRunState', { id }, { state: stateOf(fork, step), force })
  return status >= 300 ? String(status) : String(body.status).slice(0, 2).toLowerCase()
}

function stateOf({ clock }: Fork, step: Exclude<Step, 'RESUME'>) {
  if (step === 'SUSPENDED') return { type: 'PAUSED' as const, state_details: { pause_reschedule: true } }
  if (step === 'PAUSED') return { type: 'PAUSED' as const, state_details: { pause_key: 'once' } }
  if (step !== 'PAUSED briefly') return { type: step }
  const until = formatInstant(addSeconds(clock.at, BRIEFLY_SECONDS))
  return { type: 'PAUSED' as const, state_details: { pause_timeout: until } }
}
