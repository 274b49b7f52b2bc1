import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Log } from '#shared/deps.ts'
import { LocalQueue, type LocalQueueOptions } from '../../../local/queue/local-queue.ts'
import { seededIds, TestClock } from '../../support/world.ts'

const log: Log = { info: () => {}, warn: () => {}, error: () => {} }

function openQueue(options: Partial<LocalQueueOptions> = {}): LocalQueue {
  return new LocalQueue({ name: 'wake-ups', ids: seededIds(new TestClock()), log, duplicateShare: 0, ...options })
}

const bodies = (events: SQSEvent[]) => events.flatMap(({ Records }) => Records.map(({ body }) => body))
/** Longer than the queue gathers a batch. */
const settle = () => vi.advanceTimersByTimeAsync(50)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the local queue', () => {
  it('delivers genuine SQS records in batches of at most ten', async () => {
    const queue = openQueue()
    const events: SQSEvent[] = []
    for (let n = 0; n < 25; n += 1) queue.send(`m${n}`)
    queue.start(async (event) => void events.push(event))
    await settle()
    expect(events.map(({ Records }) => Records.length)).toEqual([10, 10, 5])
    expect(events[0]?.Records[0]).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: expect.stringMatching(/^m\d+$/),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {},
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:local:000000000000:wake-ups',
      awsRegion: 'local',
    } satisfies SQSRecord)
    await queue.stop()
  })

  it('keeps no order, and shuffles the same way for the same seed', async () => {
    const order = async () => {
      const queue = openQueue()
      const events: SQSEvent[] = []
      for (let n = 0; n < 20; n += 1) queue.send(String(n))
      queue.start(async (event) => void events.push(event))
      await settle()
      await queue.stop()
      return bodies(events)
    }
    const seen = await order()
    expect(seen).not.toEqual(seen.toSorted((a, b) => Number(a) - Number(b)))
    expect(seen.toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => String(n)).toSorted())
    expect(await order()).toEqual(seen)
  })

  it('redelivers a failed message after its visibility timeout, and dead-letters it after five receives', async () => {
    const queue = openQueue({ visibilitySeconds: 30 })
    const receives: string[] = []
    queue.start(({ Records }) => {
      receives.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount))
      return Promise.reject(new Error('no'))
    })
    queue.send('poison')
    await settle()
    expect(receives).toEqual(['1'])
    await vi.advanceTimersByTimeAsync(29_000)
    expect(receives).toEqual(['1'])
    await vi.advanceTimersByTimeAsync(200_000)
    expect(receives).toEqual(['1', '2', '3', '4', '5'])
    expect(queue.deadLetters).toMatchObject([{ body: 'poison', receives: 5 }])
    await queue.stop()
  })

  it('redelivers only the failures that the function reports', async () => {
    const queue = openQueue()
    const events: SQSEvent[] = []
    queue.start(({ Records }) => {
      events.push({ Records })
      const failed = Records.filter(
        ({ body, attributes }) => body === 'b' && attributes.ApproximateReceiveCount === '1',
      )
      return Promise.resolve({ batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) })
    })
    for (const body of ['a', 'b', 'c']) queue.send(body)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(bodies(events).toSorted()).toEqual(['a', 'b', 'b', 'c'])
    await queue.stop()
  })

  it('redelivers what a function holds for longer than the visibility timeout', async () => {
    const queue = openQueue({ visibilitySeconds: 5 })
    let deliveries = 0
    let finish = () => {}
    queue.start(() => {
      deliveries += 1
      return deliveries === 1 ? new Promise<void>((resolve) => (finish = resolve)) : Promise.resolve()
    })
    queue.send('slow')
    await vi.advanceTimersByTimeAsync(5_100)
    expect(deliveries).toBe(2)
    finish()
    await queue.stop()
  })

  it('delivers some messages twice although they were processed', async () => {
    const queue = openQueue({ duplicateShare: 0.2 })
    const events: SQSEvent[] = []
    queue.start(async (event) => void events.push(event))
    for (let n = 0; n < 100; n += 1) queue.send(String(n))
    await vi.advanceTimersByTimeAsync(10_000)
    const seen = bodies(events)
    expect(new Set(seen).size).toBe(100)
    expect(seen.length).toBeGreaterThan(110)
    await queue.stop()
  })

  it('runs a second invocation for a backlog or beside a slow one, and never a third', async () => {
    const queue = openQueue({ concurrency: 2 })
    let running = 0
    const seen: number[] = []
    queue.start(async () => {
      running += 1
      seen.push(running)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      running -= 1
    })
    queue.send('first')
    await settle()
    queue.send('second')
    await vi.advanceTimersByTimeAsync(500)
    expect(seen).toEqual([1])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(seen).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(10_000)
    for (let n = 0; n < 100; n += 1) queue.send(String(n))
    await settle()
    expect(seen).toEqual([1, 2, 1, 2])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(Math.max(...seen)).toBe(2)
    await queue.stop()
  })

  it('waits for running invocations when it stops, and starts no more', async () => {
    const queue = openQueue({ concurrency: 1 })
    const lines: string[] = []
    queue.start(async ({ Records }) => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      lines.push(`${Records.length} done`)
    })
    for (let n = 0; n < 20; n += 1) queue.send(String(n))
    await settle()
    const stopped = queue.stop().then(() => lines.push('stopped'))
    await vi.advanceTimersByTimeAsync(60_000)
    await stopped
    expect(lines).toEqual(['10 done', 'stopped'])
  })

  it('delays by fifteen minutes at most, as SQS does', () => {
    const queue = openQueue()
    expect(() => queue.send('m', 901)).toThrow(RangeError)
  })
})
