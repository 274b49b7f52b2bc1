import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Queue } from '#shared/aws/send-messages.ts'
import { openSqs } from '#shared/aws/sqs-client.ts'

/** SQS in this process, for the tests of one file; returns a function that opens a new queue. */
export function useSqs(): () => Promise<Queue> {
  let server: Awaited<ReturnType<typeof startFauxqs>>
  let queues = 0
  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false })
  })
  afterAll(() => server.stop())
  return async () => {
    queues += 1
    const client = openSqs(server.address)
    onTestFinished(() => client.destroy())
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `queue-${queues}` }))
    return { client, url: QueueUrl ?? '' }
  }
}

/** The bodies of all messages that can be received now. */
export async function receiveAll({ client, url }: Queue): Promise<string[]> {
  const bodies: string[] = []
  for (;;) {
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))
    if (!Messages?.length) return bodies
    bodies.push(...Messages.flatMap(({ Body }) => Body ?? []))
  }
}

/** Message bodies as Lambda passes them to a function; the ids are `message-0` and so on. */
export function sqsEvent(bodies: readonly string[]): SQSEvent {
  const records = bodies.map((body, index) => ({ messageId: `message-${index}`, body }))
  return { Records: records as SQSEvent['Records'] }
}
