import type { ScheduledEvent } from 'aws-lambda'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Log } from '#shared/deps.ts'
import { startTicks } from '../../local/ticks.ts'

const errors: string[] = []
const log: Log = { info: () => {}, warn: () => {}, error: (message) => void errors.push(message) }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('calls its functions at once and then once per period, with a genuine event', async () => {
  const events: ScheduledEvent[] = []
  const ticks = startTicks({
    targets: [{ name: 'sweeper', handle: async (event) => events.push(event) }],
    seconds: 60,
    log,
  })
  await vi.advanceTimersByTimeAsync(120_000)
  await ticks.stop()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(events).toHaveLength(3)
  expect(events[0]).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: 'local',
    resources: ['arn:aws:events:local:000000000000:rule/sweeper'],
    detail: {},
  } satisfies ScheduledEvent)
})

it('never lets a function overlap itself or hold up another', async () => {
  const calls = { slow: 0, quick: 0 }
  const slow = () => {
    calls.slow += 1
    return new Promise((resolve) => setTimeout(resolve, 150_000))
  }
  const quick = async () => void (calls.quick += 1)
  const targets = [
    { name: 'slow', handle: slow },
    { name: 'quick', handle: quick },
  ]
  const ticks = startTicks({ targets, seconds: 60, log })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(calls).toEqual({ slow: 1, quick: 3 })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(calls).toEqual({ slow: 2, quick: 4 })
  const stopped = ticks.stop()
  await vi.advanceTimersByTimeAsync(150_000)
  await stopped
})

it('continues after a function fails', async () => {
  let calls = 0
  const handle = () => {
    calls += 1
    return Promise.reject(new Error('no'))
  }
  const ticks = startTicks({ targets: [{ name: 'sweeper', handle }], seconds: 60, log })
  await vi.advanceTimersByTimeAsync(60_000)
  await ticks.stop()
  expect(calls).toBe(2)
  expect(errors).toHaveLength(2)
})
