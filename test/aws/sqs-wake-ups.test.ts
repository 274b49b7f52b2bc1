import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, it } from 'vitest'
import type { Queue } from '#shared/aws/send-messages.ts'
import { SqsWakeUps } from '#shared/aws/sqs-wake-ups.ts'
import type { WakeUp } from '#shared/deps.ts'
import { receiveAll, useSqs } from '../support/sqs.ts'

const openQueue = useSqs()
const received = async (queue: Queue) => (await receiveAll(queue)).map((body) => JSON.parse(body) as unknown)

/** Stands in for SQS, as long as it has replies left. */
function interpose(queue: Queue, answers: ((ids: string[]) => object | Error | undefined)[]): { calls: number } {
  const seen = { calls: 0 }
  queue.client.middlewareStack.add(
    (next) => async (args) => {
      seen.calls += 1
      const { Entries = [] } = args.input as { Entries?: { Id: string }[] }
      const told = answers.shift()?.(Entries.map(({ Id }) => Id))
      if (told instanceof Error) throw told
      return told ? { output: told as never, response: {} } : await next(args)
    },
    { step: 'initialize', name: 'interpose' },
  )
  return seen
}

const wake = (poolId: string, delaySeconds = 0, reason: WakeUp['reason'] = 'created') => ({
  poolId,
  reason,
  delaySeconds,
})
const refused = (ids: string[]) => ({
  Failed: ids.map((Id) => ({ Id, SenderFault: false, Code: 'InternalError' })),
  Successful: [],
})

describe('wake-ups over SQS', () => {
  it('sends each hint as its JSON', async () => {
    const queue = await openQueue()
    await new SqsWakeUps(queue).send([wake('a'), wake('b', 0, 'released')])
    expect(await received(queue)).toEqual(
      expect.arrayContaining([
        { poolId: 'a', reason: 'created' },
        { poolId: 'b', reason: 'released' },
      ]),
    )
  })

  it('sends any number, in batches of ten', async () => {
    const queue = await openQueue()
    const seen = interpose(queue, [])
    await new SqsWakeUps(queue).send(Array.from({ length: 25 }, (_, n) => wake(`pool-${n}`)))
    expect(seen.calls).toBe(3)
    expect(await received(queue)).toHaveLength(25)
  })

  it('sends nothing when there is nothing to send', async () => {
    const queue = await openQueue()
    const seen = interpose(queue, [])
    await new SqsWakeUps(queue).send([])
    expect(seen.calls).toBe(0)
  })

  it('sends duplicates once, and keeps different delays apart', async () => {
    const queue = await openQueue()
    const same = [wake('a'), wake('a', 0, 'released'), wake('a')]
    await new SqsWakeUps(queue).send([...same, wake('a', 1), wake('b')])
    expect(await received(queue)).toHaveLength(2)
  })

  it("delays by whole seconds, within SQS's maximum", async () => {
    const queue = await openQueue()
    await new SqsWakeUps(queue).send([wake('later', 0.2), wake('much-later', 5_000), wake('at-once', -3)])
    expect(await received(queue)).toEqual([{ poolId: 'at-once', reason: 'created' }])
    const { Messages } = await queue.client.send(new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 3 }))
    expect(Messages?.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([{ poolId: 'later', reason: 'created' }])
  })

  it('retries once the entries that SQS failed, and no others', async () => {
    const queue = await openQueue()
    const seen = interpose(queue, [(ids) => refused(ids.slice(0, 1))])
    await new SqsWakeUps(queue).send([wake('a'), wake('b')])
    expect(seen.calls).toBe(2)
    expect(await received(queue)).toEqual([{ poolId: 'a', reason: 'created' }])
  })

  it('reports entries that failed twice', async () => {
    const queue = await openQueue()
    interpose(queue, [refused, refused])
    await expect(new SqsWakeUps(queue).send([wake('a')])).rejects.toThrow('Not all of 1 messages')
  })

  it('reports a lost batch after sending the others', async () => {
    const queue = await openQueue()
    interpose(queue, [() => new Error('socket hang up')])
    const sent = new SqsWakeUps(queue).send(Array.from({ length: 12 }, (_, n) => wake(`pool-${n}`)))
    await expect(sent).rejects.toThrow('socket hang up')
    expect(await received(queue)).toHaveLength(2)
  })
})
