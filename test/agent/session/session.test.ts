import { describe, expect, it } from 'vitest'
import {
  type Agent,
  agentStatus,
  isLeaseDue,
  pauseAt,
  servesQueue,
  withLease,
  withoutSession,
} from '#shared/agent/agent.ts'
import { type AgentGiven, findSession } from '#shared/agent/open-session.ts'
import { DomainError } from '#shared/errors.ts'
import { at, FLOW_ID, LIFE, POOL_ID, RUN_ID } from '../../support/fixtures/a-run.ts'

const HOLD = { runId: RUN_ID, life: LIFE, generation: 1, flowId: FLOW_ID }
const GIVEN: AgentGiven = {
  id: 'agent',
  name: 'a',
  host: 'h',
  version: '1',
  poolId: POOL_ID,
  poolName: 'p',
  queues: ['q'],
  match: [],
  capacity: { slots: 3, cpu: null, memory: null },
  session: 's1',
  sequence: 0,
}
const opened = (given: Partial<AgentGiven> = {}, before?: Agent) => findSession(before, { ...GIVEN, ...given }, at(0))
const stored = (overrides: Partial<Agent> = {}): Agent => ({ ...opened().agent, revision: 5, ...overrides })
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error)
  }
}

describe('a session', () => {
  it('opens with the first call of an agent, and is found by the next ones', () => {
    expect(opened()).toMatchObject({ opens: true, agent: { session: 's1', holds: [], revision: 0 } })
    const agent = stored()
    expect(opened({ sequence: 5 }, agent)).toEqual({ opens: false, agent })
    expect(opened({ sequence: 0 }, agent)).toEqual({ opens: false, agent })
  })

  it('gives way to another process of its agent, and what it held stays on record until its lease is over', () => {
    const before = stored({ holds: [HOLD], row: at(60), leaseUntil: at(60), draining: true })
    const found = opened({ session: 's2' }, before)
    expect(found).toMatchObject({
      opens: true,
      agent: { session: 's2', pastSessions: ['s1'], holds: [], row: null, draining: false, revision: 5 },
      lost: { agentId: 'agent', session: 's1', holds: [HOLD], leaseUntil: at(60), revision: 0 },
    })
  })

  it('that was over before keeps the name under which its runs were claimed', () => {
    const fenced = withoutSession(stored({ holds: [HOLD], row: at(60), leaseUntil: at(60) }), at(70))
    expect(opened({ session: 's2' }, fenced).lost).toMatchObject({ session: 's1', holds: [HOLD] })
  })

  it('opens no second time, whatever its call says', () => {
    const over = withoutSession(stored(), at(1))
    const taken = opened({ session: 's2' }, stored()).agent
    for (const sequence of [0, 5]) {
      expect(codeOf(() => opened({ sequence }, over))).toBe('session_lost')
      expect(codeOf(() => opened({ sequence }, taken))).toBe('session_taken')
    }
    expect(codeOf(() => opened({ sequence: 5 }))).toBe('session_lost')
  })

  it('is in one pool', () => {
    expect(codeOf(() => opened({ poolId: 'other', sequence: 5 }, stored()))).toBe('conflict')
  })
})

describe('a lease', () => {
  const holding = (leaseUntil: number, row: number | null) => stored({ holds: [HOLD], leaseUntil, row })

  it('is written when a third of it is used, and never for nothing', () => {
    expect(isLeaseDue(holding(at(180), at(180)), 180, at(59))).toBe(false)
    expect(isLeaseDue(holding(at(180), at(180)), 180, at(60))).toBe(true)
    expect(isLeaseDue(holding(at(180), null), 180, at(0))).toBe(true)
    expect(isLeaseDue(stored(), 180, at(999))).toBe(false)
  })

  it('moves its row in the index only before that falls due, and never behind its own end', () => {
    expect(withLease(holding(at(180), at(180)), 180, at(60))).toMatchObject({ leaseUntil: at(240), row: at(180) })
    expect(withLease(holding(at(240), at(180)), 180, at(120))).toMatchObject({ leaseUntil: at(300), row: at(300) })
    // A shorter lease than before.
    expect(withLease(holding(at(900), at(900)), 60, at(0))).toMatchObject({ leaseUntil: at(60), row: at(60) })
    expect(withLease(stored({ row: at(5) }), 60, at(0)).row).toBeNull()
  })
})

describe('an agent', () => {
  it('is what its session, its lease and its pauses make of it', () => {
    const status = (overrides: Partial<Agent>, now = at(10)) => agentStatus(stored(overrides), now)
    expect(status({})).toBe('ONLINE')
    expect(status({}, at(271))).toBe('OFFLINE')
    expect(status({ session: null })).toBe('OFFLINE')
    expect(status({ draining: true })).toBe('DRAINING')
    expect(status({ paused: { since: at(0), until: at(11), note: null } })).toBe('PAUSED')
    expect(status({ paused: { since: at(0), until: at(10), note: null } })).toBe('ONLINE')
    expect(status({ holds: [HOLD], leaseUntil: at(10) })).toBe('LOST')
  })

  it('that is paused without an end stays so', () => {
    expect(pauseAt({ paused: { since: at(0), until: null, note: 'x' } }, at(1e9))).toMatchObject({ note: 'x' })
  })

  it('serves the queues that it names, those that begin as it says, or all', () => {
    const serves = (queues: string[], match: string[]) =>
      ['a', 'ab', 'b'].filter((name) => servesQueue({ queues, match }, name))
    expect(serves(['b'], [])).toEqual(['b'])
    expect(serves([], ['a'])).toEqual(['a', 'ab'])
    expect(serves([], [])).toEqual(['a', 'ab', 'b'])
  })
})
