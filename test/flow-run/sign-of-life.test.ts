import { expect, it } from 'vitest'
import { isHeldByClient, isSignDue, signSeconds, silentAt } from '#shared/flow-run/sign-of-life.ts'
import { aClaim, aRun, at, heldIn, T0 } from '../support/fixtures/a-run.ts'

const client = aClaim({ by: { kind: 'client', name: null }, at: at(10) })
const held = (claim: Partial<typeof client> = {}) => heldIn('RUNNING', { ...client, ...claim })

it('a stock worker holds what a client claimed', () => {
  expect(isHeldByClient(held())).toBe(true)
  expect(isHeldByClient(heldIn('RUNNING'))).toBe(false)
  expect(isHeldByClient(aRun())).toBe(false)
})

it('a sign of life is due when none was written down for a third of the time', () => {
  expect(signSeconds(5)).toBe(100)
  expect(isSignDue(held(), 5, at(11))).toBe(true)
  expect(isSignDue(held({ seen: at(20) }), 5, at(119))).toBe(false)
  expect(isSignDue(held({ seen: at(20) }), 5, at(120))).toBe(true)
  expect(isSignDue(heldIn('RUNNING', aClaim({ seen: at(20) })), 5, at(999))).toBe(false)
})

it('silence counts from the last that is known of the process, and not from before the service was up', () => {
  const rule = { minutes: 5, since: T0 }
  expect(silentAt(held(), rule)).toBe(at(310))
  expect(silentAt(held({ at: T0 }), { ...rule, since: at(50) })).toBe(at(350))
  expect(silentAt(held({ seen: at(20) }), rule)).toBe(at(420))
  const state = { ...held().state, timestamp: at(30) }
  expect(silentAt({ ...held(), state }, rule)).toBe(at(330))
})
