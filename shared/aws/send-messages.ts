import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { WAKE_UP_DELAY_SECONDS_MAX } from '#shared/bounds.ts'

export interface Message {
  body: string
  /** Whole seconds, at most 900. */
  delaySeconds: number
}

/** A queue, with the client that reaches it. */
export interface Queue {
  client: SQSClient
  url: string
}

interface Sent {
  /** Entries that SQS rejected. */
  refused: { message: Message; code: string }[]
  /** Why whole batches were lost. */
  errors: unknown[]
}

/** Messages in one SendMessageBatch; an SQS limit. */
const BATCH_MAX = 10

/**
 * Sends messages to a queue, each at least once. Those that SQS rejected while it took others are retried once. Raises
 * an error when that failed too, but only after sending everything that can be sent.
 */
export async function sendMessages(queue: Queue, messages: readonly Message[]): Promise<void> {
  const first = await sendAll(queue, messages)
  const again = first.refused.map(({ message }) => message)
  const second = await sendAll(queue, again)
  const causes = [...first.errors, ...second.errors]
  if (causes.length === 0 && second.refused.length === 0) return
  const codes = [...new Set([...second.refused.map(({ code }) => code), ...causes.map(String)])]
  throw new Error(`Not all of ${messages.length} messages could be sent to SQS: ${codes.join('; ')}`, {
    cause: causes[0],
  })
}

async function sendAll(queue: Queue, messages: readonly Message[]): Promise<Sent> {
  const batches = Array.from({ length: Math.ceil(messages.length / BATCH_MAX) }, (_, at) =>
    messages.slice(at * BATCH_MAX, (at + 1) * BATCH_MAX),
  )
  const outcomes = await Promise.allSettled(batches.map((batch) => sendBatch(queue, batch)))
  return {
    refused: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
    errors: outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])),
  }
}

async function sendBatch({ client, url }: Queue, batch: readonly Message[]): Promise<Sent['refused']> {
  const entries = batch.map(({ body, delaySeconds }, index) => ({
    Id: String(index),
    MessageBody: body,
    DelaySeconds: Math.min(WAKE_UP_DELAY_SECONDS_MAX, Math.max(0, Math.ceil(delaySeconds))),
  }))
  const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }))
  return (answer.Failed ?? []).flatMap(({ Id, Code }) => {
    const message = batch[Number(Id)]
    return message ? [{ message, code: Code ?? 'no reason given' }] : []
  })
}
