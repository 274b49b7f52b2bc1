import { expect, it } from 'vitest'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { propose } from '#shared/flow-run/propose.ts'
import { newState, STATE_TYPES, type StateType } from '#shared/flow-run/state.ts'
import type { Verdict } from '#shared/flow-run/verdict.ts'
import { at, runIn, T0 } from '../support/fixtures/a-run.ts'

/**
 * Every transition, as tables: a row for the state that a run is in, a column for the state proposed. A cell gives the
 * verdict and its rule.
 */
const ANSWERS = {
  ok: ['ACCEPT', ''],
  // ABORT: the client gives up on the proposal.
  final: ['ABORT', 'Run is already in terminal state'],
  pend: ['ABORT', 'This run is in a '],
  noDep: ['ABORT', 'Cannot reschedule a run without an associated deployment.'],
  noSub: ['ABORT', 'Cannot suspend flows without a deployment.'],
  slots: ['ABORT', 'This run was suspended and released its slots'],
  // REJECT: the client adopts the state in the response instead, here the run's current one.
  notRun: ['REJECT', 'Cannot pause flows that are not currently running.'],
  paused: ['REJECT', 'This run cannot transition to the '],
  cling: ['REJECT', 'Cannot transition flows that are cancelling to a state other than Cancelled.'],
  resch: ['REJECT', 'Cannot reschedule a paused flow run without a deployment.'],
  // REJECT with a new state: the run is cancelled at once.
  gone: ['REJECT', 'Scheduled flow run has no infrastructure to terminate.'],
  susp: ['REJECT', 'Suspended flow run has no infrastructure to terminate.'],
} as const
type Answer = keyof typeof ANSWERS

const isAnswer = (cell: string): cell is Answer => Object.hasOwn(ANSWERS, cell)

function readTable(table: string): Map<StateType, Answer[]> {
  const rows = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
  return new Map(
    rows.map(([from = '', ...cells]) => {
      const type = STATE_TYPES.find((one) => one === from)
      if (!type || cells.length !== STATE_TYPES.length || !cells.every(isAnswer)) throw new Error(`bad row ${from}`)
      return [type, cells]
    }),
  )
}

const POOLED = `
             SCHEDULED PENDING RUNNING COMPLETED FAILED CANCELLED CRASHED PAUSED CANCELLING
  SCHEDULED  ok        ok      ok      ok        ok     ok        ok      notRun gone
  PENDING    ok        pend    ok      ok        ok     ok        ok      notRun ok
  RUNNING    ok        pend    ok      ok        ok     ok        ok      ok     ok
  COMPLETED  ok        final   final   final     final  final     final   final  final
  FAILED     ok        final   final   final     final  final     final   final  final
  CANCELLED  ok        final   final   final     final  final     final   final  final
  CRASHED    ok        final   final   final     final  final     final   final  final
  PAUSED     ok        pend    ok      ok        ok     ok        ok      notRun ok
  CANCELLING cling     cling   cling   cling     cling  ok        cling   cling  cling`

/** The verdicts of Prefect's CoreFlowPolicy for the same runs (core_policy.py, without its limits). */
const PREFECT = `
             SCHEDULED PENDING RUNNING COMPLETED FAILED CANCELLED CRASHED PAUSED CANCELLING
  SCHEDULED  ok        ok      ok      ok        ok     ok        ok      notRun gone
  PENDING    ok        pend    ok      ok        ok     ok        ok      notRun ok
  RUNNING    ok        pend    ok      ok        ok     ok        ok      ok     ok
  COMPLETED  ok        ok      ok      ok        ok     ok        final   final  final
  FAILED     ok        ok      ok      ok        ok     ok        final   final  final
  CANCELLED  ok        pend    ok      ok        ok     ok        final   final  final
  CRASHED    ok        ok      ok      ok        ok     ok        final   final  final
  PAUSED     ok        paused  ok      ok        ok     ok        ok      notRun ok
  CANCELLING cling     cling   cling   cling     cling  ok        cling   cling  cling`

/**
 * With force, Prefect checks only whether there is something to cancel; here the rules that guard slots still apply, and
 * an ECS task that is being stopped is not a crash.
 */
const FORCED = `
             SCHEDULED PENDING RUNNING COMPLETED FAILED CANCELLED CRASHED PAUSED CANCELLING
  SCHEDULED  ok        ok      ok      ok        ok     ok        ok      ok     gone
  PENDING    ok        pend    ok      ok        ok     ok        ok      ok     ok
  RUNNING    ok        pend    ok      ok        ok     ok        ok      ok     ok
  COMPLETED  ok        final   final   ok        ok     ok        ok      final  final
  FAILED     ok        final   final   ok        ok     ok        ok      final  final
  CANCELLED  ok        final   final   ok        ok     ok        ok      final  final
  CRASHED    ok        final   final   ok        ok     ok        ok      final  final
  PAUSED     ok        pend    ok      ok        ok     ok        ok      ok     ok
  CANCELLING ok        pend    ok      ok        ok     ok        cling   ok     ok`

/** Suspended: the process has ended and the slots are released, until a resume schedules the run again. */
const SUSPENDED = `
             SCHEDULED PENDING RUNNING COMPLETED FAILED CANCELLED CRASHED PAUSED CANCELLING
  PAUSED     ok        pend    slots   ok        ok     ok        ok      notRun susp`

/** A run started by hand: no deployment, no pool, and so no claim. */
const BY_HAND = `
             SCHEDULED PENDING RUNNING COMPLETED FAILED CANCELLED CRASHED PAUSED CANCELLING
  SCHEDULED  ok        ok      ok      ok        ok     ok        ok      notRun gone
  PENDING    ok        pend    ok      ok        ok     ok        ok      notRun ok
  RUNNING    ok        pend    ok      ok        ok     ok        ok      ok     ok
  COMPLETED  noDep     final   final   final     final  final     final   final  final
  FAILED     noDep     final   final   final     final  final     final   final  final
  CANCELLED  noDep     final   final   final     final  final     final   final  final
  CRASHED    noDep     final   final   final     final  final     final   final  final
  PAUSED     ok        pend    ok      ok        ok     ok        ok      notRun ok
  CANCELLING cling     cling   cling   cling     cling  ok        cling   cling  cling`

/** Every cell in which the verdict differs from Prefect's, with the reason. */
const DIFFERENCES: Record<string, string> = {
  'COMPLETED,FAILED,CANCELLED,CRASHED → PENDING': 'a worker with a stale poll would start a finished run again',
  'COMPLETED,FAILED,CANCELLED,CRASHED → RUNNING': 'a finished run starts again by way of SCHEDULED and a claim only',
  'COMPLETED,FAILED,CANCELLED,CRASHED → COMPLETED,FAILED,CANCELLED': 'of two reports of the end, the first stands',
  'PAUSED → PENDING': 'the same rule as for all other states, so ABORT where Prefect says REJECT',
}

const shown = (verdict: Verdict) => [verdict.status, 'reason' in verdict ? verdict.reason : '']

/** The actual row of the table. */
function answersOf(run: FlowRun, force: boolean): string[] {
  return STATE_TYPES.map((to) => {
    const verdict = propose(run, { type: to, details: { transitionId: 'new' } }, { now: at(1), force })
    const [status, reason = ''] = shown(verdict)
    const answer = Object.entries(ANSWERS).find(
      ([, [is, starts]]) => is === status && (starts === '' ? reason === '' : reason.startsWith(starts)),
    )
    return answer?.[0] ?? `${status} ${reason}`
  })
}

it.each([...readTable(POOLED)])('a run in a pool that is %s treats each proposal as in the table', (type, cells) => {
  expect(answersOf(runIn(type), false)).toEqual(cells)
})

it.each([...readTable(FORCED)])('force overrules for a run that is %s exactly what the table says', (type, cells) => {
  expect(answersOf(runIn(type), true)).toEqual(cells)
})

const byHand = (type: StateType) =>
  runIn(type, { deploymentId: null, poolId: null, queueId: null, claim: null, launch: null, generation: 0 })

it.each([...readTable(BY_HAND)])(
  'a run started by hand that is %s treats each proposal as in the table',
  (type, cells) => {
    expect(answersOf(byHand(type), false)).toEqual(cells)
  },
)

it('a suspended run treats each proposal as in the table', () => {
  const state = newState('PAUSED', T0, { name: 'Suspended', details: { pauseReschedule: true } })
  const suspended = runIn('PAUSED', { state, claim: null, launch: null })
  expect(answersOf(suspended, false)).toEqual(readTable(SUSPENDED).get('PAUSED'))
})

it('differs from Prefect only in the listed transitions', () => {
  const named = Object.keys(DIFFERENCES).flatMap((key) => {
    const [froms = '', tos = ''] = key.split(' → ')
    return froms.split(',').flatMap((from) => tos.split(',').map((to) => `${from} → ${to}`))
  })
  const prefect = readTable(PREFECT)
  const differing = [...readTable(POOLED)].flatMap(([from, cells]) =>
    STATE_TYPES.filter((_, column) => cells[column] !== prefect.get(from)?.[column]).map((to) => `${from} → ${to}`),
  )
  expect(differing.toSorted()).toEqual(named.toSorted())
})

it('an accepted state has the proposed name, message and data, and the time of the server', () => {
  const proposed = { type: 'RUNNING', name: 'Retrying', message: 'go', data: { a: 1 }, details: { transitionId: 'x' } }
  const verdict = propose(runIn('PENDING'), { ...proposed, type: 'RUNNING' }, { now: at(1), force: false })
  expect(verdict).toMatchObject({ status: 'ACCEPT', state: { ...proposed, timestamp: at(1) } })
})

it("a state without a name gets its type's", () => {
  const verdict = propose(runIn('RUNNING'), { type: 'CANCELLING' }, { now: at(1), force: false })
  expect(verdict).toMatchObject({ state: { type: 'CANCELLING', name: 'Cancelling', message: null, data: null } })
})
