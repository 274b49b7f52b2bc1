import type { SQSEvent } from 'aws-lambda'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LocalQueue } from '../../../local/queue/local-queue.ts'
import { wakeUpsOver } from '../../../local/queue/wake-up-queue.ts'
import { seededIds, TestClock } from '../../support/world.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('delivers a wake-up after its delay', async () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const queue = new LocalQueue({ name: 'wake-ups', ids: seededIds(new TestClock()), log, duplicateShare: 0 })
  const bodies: string[] = []
  queue.start(async ({ Records }: SQSEvent) => void bodies.push(...Records.map(({ body }) => body)))
  await wakeUpsOver(queue).send([
    { poolId: 'p1', reason: 'created', delaySeconds: 0 },
    { poolId: 'p2', reason: 'due', delaySeconds: 37 },
  ])
  await vi.advanceTimersByTimeAsync(50)
  expect(bodies).toEqual([JSON.stringify({ poolId: 'p1', reason: 'created' })])
  await vi.advanceTimersByTimeAsync(37_100)
  expect(bodies).toHaveLength(2)
  await queue.stop()
})
