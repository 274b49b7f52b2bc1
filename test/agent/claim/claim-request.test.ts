import { describe, expect, it } from 'vitest'
import type { AgentOptions } from '../../../agent/agent-options.ts'
import { claimRequest, freeSlots, type Turn } from '../../../agent/claim/claim-request.ts'

const options = {
  id: 'a-1',
  name: 'a',
  host: 'h',
  version: '1',
  queues: ['one', 'two'],
  match: [],
  order: 'strict',
  limit: 4,
  cpu: 4096,
  memory: null,
  flowLimits: { each: 1, byFlow: {} },
  prefetchSeconds: 15,
  leaseSeconds: 180,
} as unknown as AgentOptions
const turn: Turn = { session: 's', sequence: 7, requestId: 'r', waitSeconds: 20, draining: false, leaving: false }
const held = (id: string, cpu: number | null, isLost = false) => ({
  isLost,
  run: { flow_run: { id }, generation: 2, job: { cpu, memory: 100 } },
})

describe('a claim call', () => {
  it('says what is left of slots and CPU, and nothing of what is not counted', () => {
    const { free, capacity } = claimRequest(options, [held('x', 1024), held('y', null)], turn)
    expect({ free, capacity }).toEqual({
      free: { slots: 2, cpu: 3072, memory: undefined },
      capacity: { slots: 4, cpu: 4096, memory: null },
    })
  })

  it('names what it holds, and not what is lost, though that takes its room until it has ended', () => {
    const { free, holding } = claimRequest(options, [held('x', 1024), held('y', 1024, true)], turn)
    expect(holding).toEqual([{ flow_run_id: 'x', generation: 2 }])
    expect(free).toMatchObject({ slots: 2, cpu: 2048 })
  })

  it('asks for nothing while it drains', () => {
    expect(claimRequest(options, [], { ...turn, draining: true }).free.slots).toBe(0)
  })
})

it('an agent without a limit asks for some, whatever it holds, and for no more than it can name', () => {
  expect([0, 500, 950, 1_000].map((count) => freeSlots(null, count))).toEqual([100, 100, 50, 0])
  expect([0, 3, 5].map((count) => freeSlots(3, count))).toEqual([3, 0, 0])
})
