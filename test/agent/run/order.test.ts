import { expect, it } from 'vitest'
import { graceOf, type Order, outranks } from '../../../agent/run/order.ts'

/** From the weakest on. */
const ORDERS: Order[] = [
  { kind: 'timeout' },
  { kind: 'cancel', message: null },
  { kind: 'shut_down', atOnce: false },
  { kind: 'shut_down', atOnce: true },
  { kind: 'lapse' },
  { kind: 'lost' },
]

it('an order takes the place of a weaker one, and of none that is as strong', () => {
  for (const [at, order] of ORDERS.entries()) {
    expect(outranks(order, undefined)).toBe(true)
    expect(ORDERS.map((before) => outranks(order, before))).toEqual(ORDERS.map((_, other) => other < at))
  }
})

it('what may not be reported, or must be over soon, gets no grace', () => {
  expect(ORDERS.map((order) => graceOf(order, 10))).toEqual([10, 10, 10, 0, 0, 0])
})
