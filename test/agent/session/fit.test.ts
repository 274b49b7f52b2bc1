import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Need, RoomLeft } from '#shared/agent/fit.ts'

const need = (flowId: string, cpu: number | null = null, memory: number | null = null): Need => ({
  flowId,
  cpu,
  memory,
})

it('runs fit as long as slots, CPU, memory and the limit of their flow allow', () => {
  const left = new RoomLeft({ slots: 3, cpu: 1024, memory: null }, { byFlowId: new Map([['heavy', 1]]) }, [])
  expect(left.take(need('heavy', 512, 9_999))).toBe(true)
  expect(left.take(need('heavy'))).toBe(false)
  expect(left.take(need('light', 513))).toBe(false)
  expect(left.take(need('light', 512))).toBe(true)
  expect(left.take(need('light', 1))).toBe(false)
  expect(left.take(need('light'))).toBe(true)
  expect(left.take(need('light'))).toBe(false)
})

it('what is held counts against the limit of its flow, and a flow without one has that of each', () => {
  const limits = { each: 2, byFlowId: new Map([['own', 0]]) }
  const left = new RoomLeft({ slots: 9, cpu: null, memory: null }, limits, [{ flowId: 'f' }])
  expect([left.take(need('f')), left.take(need('f')), left.take(need('own')), left.take(need('g'))]).toEqual([
    true,
    false,
    false,
    true,
  ])
})

it('never takes more than there is, in any order', () => {
  const amount = fc.option(fc.integer({ min: 0, max: 8 }), { nil: null })
  const needs = fc.array(fc.record({ flowId: fc.constantFrom('f', 'g'), cpu: amount, memory: amount }))
  const room = fc.record({ slots: fc.integer({ min: 0, max: 6 }), cpu: amount, memory: amount })
  fc.assert(
    fc.property(room, needs, fc.integer({ min: 0, max: 3 }), (free, wanted, each) => {
      const left = new RoomLeft(free, { each, byFlowId: new Map() }, [])
      const tried = left.copy()
      const taken = wanted.filter((one) => tried.take(one))
      const sum = (of: (one: Need) => number | null) => taken.reduce((all, one) => all + (of(one) ?? 0), 0)
      expect(taken.length).toBeLessThanOrEqual(free.slots)
      expect(sum(({ cpu }) => cpu)).toBeLessThanOrEqual(free.cpu ?? Infinity)
      expect(sum(({ memory }) => memory)).toBeLessThanOrEqual(free.memory ?? Infinity)
      for (const flow of ['f', 'g'])
        expect(taken.filter(({ flowId }) => flowId === flow).length).toBeLessThanOrEqual(each)
      // The copy took it, and not what it was copied from.
      expect(left.slots).toBe(free.slots)
    }),
  )
})
