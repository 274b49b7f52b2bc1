import { describe, expect, it } from 'vitest'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { SERVICE } from '#shared/flow-run/writer.ts'
import { secondsBetween, sortable } from '#shared/instant.ts'
import { aClaim, aRun, at, DEPLOYMENT_ID, FLOW_ID, runIn } from '../../../support/fixtures/a-run.ts'
import { KnownAgents, type KnownSession } from '../../outside/known-agents.ts'
import type { Picture } from '../picture.ts'
import { pictureOfThese } from '../small-world.ts'
import { agentProcessProblems } from './agent-processes.ts'
import { AgentRoom } from './agent-room.ts'
import { SessionEnds } from './session-ends.ts'
import type { SessionItem } from './session-item.ts'
import { sessionProblems } from './session-records.ts'
import { toldProblems } from './told-agents.ts'

const claim = aClaim({ by: { kind: 'agent', name: 'host' }, session: { agentId: 'agent', session: 'one' } })
const held = (type: StateType, rest: Partial<FlowRun> = {}) => runIn(type, { claim, ...rest })
const holdOf = ({ id: runId, life, generation, flowId }: FlowRun) => ({ runId, life, generation, flowId })

function item(rest: Partial<SessionItem> = {}): SessionItem {
  return {
    key: 'agent',
    agentId: 'agent',
    session: 'one',
    isOver: false,
    past: [],
    requestId: 'call',
    holds: [],
    leaseUntil: at(60),
    filedAt: sortable(at(60)),
    pausedUntil: null,
    draining: false,
    ...rest,
  }
}

const stored = (runs: FlowRun[], ...sessions: SessionItem[]): Picture => ({
  ...pictureOfThese(runs),
  sessions: new Map(sessions.map((each) => [each.key, each])),
})
const step = (seconds: number, verb = 'sweep', process = 'it') =>
  ({ at: at(seconds), bornAt: at(seconds), verb, process }) as Parameters<SessionEnds['check']>[2]
/** The run once the service has let it go. */
function letGo(before: FlowRun, type: StateType, message = "The agent 'host' that held this run was lost."): FlowRun {
  const state = newState(type, at(70), { message })
  return aRun({ ...before, state, claim: null, history: [{ ...state, by: { ...SERVICE, generation: 1 } }] })
}

function agentsWith(rest: Partial<KnownSession> = {}): { agents: KnownAgents; session: KnownSession } {
  const agents = new KnownAgents()
  const session: KnownSession = {
    id: 'one',
    agentId: 'agent',
    slots: 1,
    cpu: null,
    limitOf: () => null,
    deadline: secondsBetween(0, at(60)),
    overlaps: false,
    processes: [],
    ...rest,
  }
  agents.sessions.set('one', session)
  return { agents, session }
}
const processOf = (run: FlowRun, session: KnownSession) => ({ run, flowId: FLOW_ID, cpu: 0, session, endedAt: null })

describe('what an agent holds', () => {
  const run = held('RUNNING')
  it.each([
    ['in no session', [item()], 'no session has it on record'],
    ['in another session', [item({ session: 'two', holds: [holdOf(run)] })], 'on record in session two'],
    [
      'in two sessions',
      [item({ holds: [holdOf(run)] }), item({ key: 'agent#one', isOver: true, holds: [holdOf(run)] })],
      '2 sessions',
    ],
    ['after its lease', [item({ holds: [holdOf(run)], filedAt: sortable(at(61)) })], 'is looked at at'],
  ])('is not on record %s', (_, sessions, words) => {
    expect(sessionProblems(stored([]), stored([run], ...sessions))).toEqual([expect.stringContaining(words)])
  })

  it('is on record in its session, or in what is left of it', () => {
    const holds = [holdOf(run)]
    const over = item({ key: 'agent#one', isOver: true, holds })
    for (const each of [item({ holds }), item({ holds, session: null, past: ['one'] }), over])
      expect(sessionProblems(stored([]), stored([run], each))).toEqual([])
  })

  it('is in no session that was over before', () => {
    const before = item({ session: 'two', past: ['one'] })
    expect(sessionProblems(stored([], before), stored([], item()))).toEqual([expect.stringContaining('open again')])
  })
})

describe('what a lost agent held', () => {
  const check = (run: FlowRun, type: StateType, session: SessionItem, requeues: string[] = []) => {
    const before = { ...stored([run], session), requeues: new Set(requeues) }
    return new SessionEnds().check(
      before,
      { ...before, ...stored([letGo(run, type)], session), requeues: before.requeues },
      step(70),
      0,
    )
  }
  const fenced = (run: FlowRun, rest: Partial<SessionItem> = {}) =>
    item({ session: null, past: ['one'], holds: [holdOf(run)], ...rest })

  it.each([
    ['RUNNING', 'CRASHED', []],
    ['RUNNING', 'SCHEDULED', [DEPLOYMENT_ID]],
    ['PENDING', 'SCHEDULED', []],
  ] as const)('is let go after its lease and its fence: %s, and then %s', (from, to, requeues) => {
    const run = held(from)
    expect(check(run, to, fenced(run), [...requeues])).toEqual([])
  })

  it.each([
    ['while its lease counts', 'RUNNING', 'CRASHED', { leaseUntil: at(80) }, 'the lease of its session counted'],
    ['by a session that is open', 'RUNNING', 'CRASHED', { session: 'one' }, 'can still renew'],
    ['with a crash where it had not started', 'PENDING', 'CRASHED', {}, 'had not started'],
    ['against what its deployment wants', 'RUNNING', 'SCHEDULED', {}, 'was to be crashed'],
  ] as const)('is not let go %s', (_, from, to, rest, words) => {
    const run = held(from)
    expect(check(run, to, fenced(run, rest))).toEqual([expect.stringContaining(words)])
  })

  it('has no process any more', () => {
    const run = held('RUNNING')
    const { agents, session } = agentsWith()
    agents.start(processOf(run, session), 0)
    const after = stored([letGo(run, 'CRASHED')])
    expect(agentProcessProblems(stored([run]), after, agents, step(50), 0)).toEqual([expect.stringContaining('alive')])
    expect(agentProcessProblems(stored([run]), after, agents, step(50), 20)).toEqual([])
    expect(agentProcessProblems(stored([run]), after, agents, step(61), 0)).toEqual([])
  })
})

describe('what an agent is handed', () => {
  const run = held('PENDING')
  const other = held('PENDING', { id: '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0001', claim: { ...claim, id: 'claim-2' } })
  const check = (runs: FlowRun[], rest: Partial<SessionItem> = {}, known: Partial<KnownSession> = {}) => {
    const { agents } = agentsWith(known)
    const after = stored(runs, item({ holds: runs.map(holdOf), ...rest }))
    return new AgentRoom().check(stored([], item(rest)), after, agents, step(1), 0)
  }

  it('is no more than it has room for', () => {
    expect(check([run])).toEqual([])
    expect(check([run, other])).toEqual([expect.stringContaining('2 runs in 1 slots')])
    expect(check([run, other], {}, { slots: 2, limitOf: () => 1 })).toEqual([expect.stringContaining('2 of a flow')])
  })

  it('is nothing while it is paused, or is to drain', () => {
    expect(check([run], { pausedUntil: Infinity })).toEqual([expect.stringContaining('while it is paused')])
    expect(check([run], { pausedUntil: at(0) })).toEqual([])
    expect(check([run], { draining: true })).toEqual([expect.stringContaining('to drain')])
  })

  it('is nothing more for a call that is repeated', () => {
    const room = new AgentRoom()
    const { agents } = agentsWith({ slots: 2 })
    expect(room.check(stored([], item()), stored([run], item()), agents, step(1, 'claimWork', 'first'), 0)).toEqual([])
    const again = room.check(
      stored([run], item()),
      stored([run, other], item()),
      agents,
      step(2, 'claimWork', 'second'),
      0,
    )
    expect(again).toEqual([expect.stringContaining('after it has claimed for first')])
  })

  it('is started once', () => {
    const { agents, session } = agentsWith({ slots: 9 })
    expect(agents.start(processOf(run, session), 0)).toEqual([])
    expect(agents.start(processOf(run, session), 0)).toEqual([expect.stringContaining('started twice')])
  })
})

describe('what an agent is told', () => {
  const tell = (run: FlowRun, holding: object[], body: object) =>
    toldProblems(
      { label: 'a call', operation: 'claimWork', status: 200, members: {}, asked: { session: 'one', holding }, body },
      { picture: stored([run], item({ holds: [holdOf(run)] })), sentAt: 10, writtenAt: () => 0 },
    )
  const named = ({ id, generation }: FlowRun) => ({ flow_run_id: id, generation })

  it('is all that it holds and does not name', () => {
    const run = held('PENDING')
    const given = { flow_run: { id: run.id }, generation: run.generation }
    expect(tell(run, [], { runs: [given], stop: [] })).toEqual([])
    expect(tell(run, [], { runs: [], stop: [] })).toEqual([expect.stringContaining('does not name')])
    expect(tell(run, [named(run)], { runs: [], stop: [] })).toEqual([])
  })

  it('is what it must stop', () => {
    const cancelling = held('CANCELLING')
    const gone = letGo(held('RUNNING'), 'CRASHED')
    const stop = (run: FlowRun, reason: string) => ({ runs: [], stop: [{ ...named(run), reason }] })
    expect(tell(cancelling, [named(cancelling)], stop(cancelling, 'cancelling'))).toEqual([])
    expect(tell(cancelling, [named(cancelling)], { runs: [], stop: [] })).toHaveLength(1)
    expect(tell(gone, [named(gone)], stop(gone, 'lost'))).toEqual([])
    expect(tell(gone, [named(gone)], { runs: [], stop: [] })).toHaveLength(1)
  })
})
