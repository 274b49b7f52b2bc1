import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { judgeEcsTask } from '#shared/ecs-task/judge-ecs-task.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { consequencesOf } from '#shared/flow-run/consequences.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { propose } from '#shared/flow-run/propose.ts'
import { holdsSlots, newState, STATE_TYPES, type StateType, TERMINAL_TYPES } from '#shared/flow-run/state.ts'
import type { ProposalContext, ProposedState, Verdict } from '#shared/flow-run/verdict.ts'
import { aClaim, at, runIn, T0 } from '../support/fixtures/a-run.ts'
import { anExit, aTask } from '../support/fixtures/a-task.ts'
import { rowsUnder } from '../support/page.ts'

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'state-machine.md'), 'utf8')
const NOW = at(1)
const RETRIES = { ...NO_POLICY, retries: 1 }
const RETRYING = { ...NO_POLICY, retryType: 'in_process' } as const

const suspended = () => newState('PAUSED', T0, { name: 'Suspended', details: { pauseReschedule: true } })
const suspendedRun = () => runIn('PAUSED', { state: suspended(), claim: null, launch: null })
const retryingRun = () => runIn('SCHEDULED', { generation: 1, claim: aClaim(), policy: RETRYING })
const decide = (run: FlowRun, proposal: ProposedState, context: Partial<ProposalContext> = {}) =>
  propose(
    run,
    { ...proposal, details: { transitionId: 'new', ...proposal.details } },
    { now: NOW, force: false, ...context },
  )

/** A run before and after a move. */
type Move = readonly [before: FlowRun, after: FlowRun]

/** A move that a client proposes and the rules accept, possibly into another state than the proposed one. */
function proposed(run: FlowRun, type: StateType, details: ProposedState['details'] = {}): Move {
  const verdict = decide(run, { type, details })
  if (verdict.status === 'WAIT' || verdict.status === 'ABORT') throw new Error(verdict.reason)
  return [run, advance(run, verdict.state, verdict.policy)]
}

/** A move that follows from what ECS reports of the run's ECS task; by default the run is a plain command. */
function reported(type: StateType, task: EcsTask, overrides: Partial<FlowRun> = {}): Move {
  const run = runIn(type, { job: 'command', ...overrides })
  const verdict = judgeEcsTask(run, run, task, NOW)
  if (verdict.kind !== 'store') throw new Error(verdict.reason)
  return [run, verdict.run]
}

/** A move that the service makes by itself. */
const made = (run: FlowRun, type: StateType): Move => [run, advance(run, newState(type, NOW))]

/** The moves of the page, with every way to make each. */
const MOVES: Record<string, Move[]> = {
  '`SCHEDULED → PENDING`': [proposed(runIn('SCHEDULED'), 'PENDING')],
  '`PENDING → RUNNING`': [
    proposed(runIn('PENDING'), 'RUNNING'),
    reported('PENDING', aTask({ lastStatus: 'RUNNING', version: 4 })),
  ],
  '`RUNNING → COMPLETED`': [proposed(runIn('RUNNING'), 'COMPLETED'), reported('RUNNING', anExit(0))],
  '`RUNNING → FAILED`': [
    proposed(runIn('RUNNING'), 'FAILED'),
    reported('RUNNING', anExit(1)),
    reported('RUNNING', anExit(143, { stopCode: 'UserInitiated' }), { timeoutSeconds: 1 }),
  ],
  '`RUNNING → CRASHED`': [reported('RUNNING', anExit(1), { job: 'flow' }), reported('RUNNING', anExit(137))],
  '`PENDING → CRASHED`': [reported('PENDING', anExit(null), { job: 'flow' }), reported('PENDING', anExit(null))],
  '`PENDING → SCHEDULED`': [made(runIn('PENDING', { launch: null }), 'SCHEDULED')],
  '`RUNNING → SCHEDULED` a retry': [proposed(runIn('RUNNING', { policy: RETRIES }), 'FAILED')],
  '`SCHEDULED → RUNNING` that retry': [proposed(retryingRun(), 'RUNNING')],
  '`RUNNING → PAUSED` a pause': [proposed(runIn('RUNNING'), 'PAUSED')],
  '`RUNNING → PAUSED` suspended': [proposed(runIn('RUNNING'), 'PAUSED', { pauseReschedule: true })],
  '`PAUSED → RUNNING`': [proposed(runIn('PAUSED'), 'RUNNING')],
  '`PAUSED → SCHEDULED` suspended': [proposed(suspendedRun(), 'SCHEDULED')],
  '`PAUSED → FAILED`': [made(runIn('PAUSED'), 'FAILED')],
  '`PENDING → CANCELLING`': [proposed(runIn('PENDING'), 'CANCELLING'), proposed(aCommand('PENDING'), 'CANCELLED')],
  '`RUNNING → CANCELLING`': [proposed(runIn('RUNNING'), 'CANCELLING'), proposed(aCommand('RUNNING'), 'CANCELLED')],
  '`CANCELLING → CANCELLED`': [proposed(runIn('CANCELLING'), 'CANCELLED'), reported('CANCELLING', anExit(143))],
  '`SCHEDULED → CANCELLED`': [proposed(runIn('SCHEDULED'), 'CANCELLING'), proposed(runIn('SCHEDULED'), 'CANCELLED')],
  '`COMPLETED → SCHEDULED`': [proposed(runIn('COMPLETED'), 'SCHEDULED')],
  '`FAILED → SCHEDULED`': [proposed(runIn('FAILED'), 'SCHEDULED')],
  '`CRASHED → SCHEDULED`': [proposed(runIn('CRASHED'), 'SCHEDULED')],
  '`CANCELLED → SCHEDULED`': [proposed(runIn('CANCELLED'), 'SCHEDULED')],
}

function aCommand(type: StateType): FlowRun {
  return runIn(type, { job: 'command' })
}

/** What happens to the slots, in the page's words. The claim takes them when a run enters a state that holds some. */
function slotsOf([before, after]: Move): string {
  if (!before.claim) return holdsSlots(after.state.type) ? 'taken' : 'none held'
  return after.claim ? 'kept' : 'released'
}

function followsOf([before, after]: Move): string {
  const { wake, stop } = consequencesOf(before, after, NOW)
  return [wake ? 'wake-up' : [], stop ? 'ECS task stopped' : []].flat().join(', ')
}

describe('the life of a run', () => {
  const rows = rowsUnder(PAGE, 'The life of a run', 'move')

  it('has the moves below, and no others', () => {
    expect(rows.map(([move]) => move)).toEqual(Object.keys(MOVES))
  })

  it.each(rows)('%s, made by %s: slots %s, then %s', (move = '', _by, slots, follows) => {
    const moves = MOVES[move] ?? []
    const types = /`(\w+) → (\w+)`/.exec(move)?.slice(1)
    expect(moves.map(([before, after]) => [before.state.type, after.state.type])).toEqual(moves.map(() => types))
    expect(moves.map(slotsOf)).toEqual(moves.map(() => slots))
    expect(moves.map(followsOf)).toEqual(moves.map(() => follows))
  })

  const drawn = [...PAGE.matchAll(/^ +(\w+) --> (\w+): .+$/gm)].map(([, from, to]) => `${from} → ${to}`)
  const leftOut = rowsUnder(PAGE, 'The life of a run', 'from').flatMap(([froms = '', tos = '']) =>
    statesNamed(froms).flatMap((from) => statesNamed(tos).map((to) => `${from} → ${to}`)),
  )

  it('is drawn with these moves, each once, except those left out of the drawing', () => {
    const told = new Set(Object.keys(MOVES).map((move) => move.split('`')[1] ?? ''))
    expect(drawn.toSorted()).toEqual([...told].filter((move) => !leftOut.includes(move)).toSorted())
  })

  it('covers every move without force, either drawn or left out', () => {
    const possible = CONTEXTS.filter(({ given }) => !given?.force).flatMap(possibleMoves)
    expect([...drawn, ...leftOut].toSorted()).toEqual([...new Set(possible)].toSorted())
  })
})

/** The states in a cell: `A`, `B`. */
function statesNamed(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, state = '']) => state)
}

interface Context {
  /** Its name on the page. */
  name: string
  runOf: (type: StateType) => FlowRun
  given?: Partial<ProposalContext>
  /** States that such a run is never in. */
  never?: readonly StateType[]
}

const BASE: Context = { name: 'in a pool', runOf: (type) => runIn(type) }
const only = (type: StateType, run: () => FlowRun) => (one: StateType) => (one === type ? run() : runIn(one))
const due = (seconds: number) => (type: StateType) => {
  const waits = type === 'SCHEDULED' || type === 'PENDING'
  return runIn(type, { state: newState(type, T0, { details: waits ? { scheduledTime: at(seconds) } : {} }) })
}
const byWorker = aClaim({ by: { kind: 'client', name: null } })
const timedOut = () => runIn('PAUSED', { state: newState('PAUSED', T0, { details: { pauseTimeout: T0 } }) })
const repeating = (type: StateType) => runIn(type, { state: newState(type, T0, { details: { transitionId: 'new' } }) })

const CONTEXTS: Context[] = [
  BASE,
  { name: 'in a pool', runOf: (type) => runIn(type, runIn(type).claim ? { claim: byWorker, launch: null } : {}) },
  { name: 'plain command, launched', runOf: aCommand, never: ['PAUSED'] },
  { name: 'no deployment', runOf: (type) => runIn(type, { deploymentId: null }) },
  { name: 'not due', runOf: due(60) },
  { name: 'retries left', runOf: (type) => runIn(type, { policy: RETRIES }) },
  { name: 'awaiting its retry', runOf: only('SCHEDULED', retryingRun) },
  { name: 'suspended', runOf: only('PAUSED', suspendedRun) },
  { name: 'pause timed out', runOf: only('PAUSED', timedOut) },
  {
    name: 'claim taken back',
    runOf: only('SCHEDULED', () => runIn('SCHEDULED', { generation: 1 })),
    given: { fence: { generation: 1 } },
  },
  { name: 'earlier generation', runOf: (type) => runIn(type, { generation: 2 }), given: { fence: { generation: 1 } } },
  { name: 'repeated proposal', runOf: repeating },
  { name: 'force', runOf: (type) => runIn(type), given: { force: true } },
  { name: 'force, plain command', runOf: aCommand, given: { force: true }, never: ['PAUSED'] },
]

function cellOf(verdict: Verdict): string {
  if (verdict.status === 'ACCEPT') return '✓'
  if (verdict.status === 'REJECT') return verdict.written ? `→ ${verdict.state.type}` : 'stay'
  return verdict.status.toLowerCase()
}

const verdictsOf = ({ runOf, given }: Context, from: StateType) =>
  STATE_TYPES.map((type) => decide(runOf(from), { type }, given))
const cellsOf = (context: Context, from: StateType) => verdictsOf(context, from).map(cellOf)
const statesOf = ({ never = [] }: Context) => STATE_TYPES.filter((type) => !never.includes(type))

/** Pairs of different states that such a run can move between. */
function possibleMoves(context: Context): string[] {
  return statesOf(context).flatMap((from) =>
    verdictsOf(context, from).flatMap((verdict) => {
      const to = verdict.status === 'ACCEPT' || verdict.status === 'REJECT' ? verdict.state.type : from
      return to === from ? [] : [`${from} → ${to}`]
    }),
  )
}

/** The states that a row stands for. */
function statesIn(cell: string): readonly StateType[] {
  if (cell === 'any') return STATE_TYPES
  return cell === 'ended' ? TERMINAL_TYPES : STATE_TYPES.filter((type) => type === cell)
}

describe('the verdicts on a proposal', () => {
  const base = rowsUnder(PAGE, 'Answers to a proposal', 'in').map((row) => ['in a pool', ...row])
  const differing = rowsUnder(PAGE, 'Answers to a proposal', 'run')
  /** The cells that the page shows for a kind of run in a state. */
  const shown = (kind: string, from: StateType): string[] =>
    [...differing, ...base]
      .filter(([name, states = '']) => [kind, 'in a pool'].includes(name ?? '') && statesIn(states).includes(from))
      .map(([, , ...cells]) => cells)[0] ?? []

  it('have a column for each state', () => {
    const headers = [...PAGE.matchAll(/^\| (?:run \| )?in \| (.+) \|$/gm)].map(([, states]) => states?.split(' | '))
    expect(headers).toEqual([STATE_TYPES, STATE_TYPES])
  })

  it.each(CONTEXTS)('$name: each pair of states gets the verdict on the page', (context) => {
    const lineOf = (from: StateType, cells: string[]) => [from, ...cells].join(' | ')
    const states = statesOf(context)
    const answers = states.map((from) => lineOf(from, cellsOf(context, from)))
    expect(answers).toEqual(states.map((from) => lineOf(from, shown(context.name, from))))
  })

  it('differ where a row says so, and every row is covered here', () => {
    const names = new Set(CONTEXTS.map(({ name }) => name))
    expect(differing.filter(([name = '']) => !names.has(name))).toEqual([])
    const same = differing.filter(([, states = '', ...cells]) =>
      statesIn(states).every((from) => shown('in a pool', from).join() === cells.join()),
    )
    expect(same).toEqual([])
  })
})
