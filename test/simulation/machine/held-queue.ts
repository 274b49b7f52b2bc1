import type { SendMessageBatchCommand, SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs'
import type { Queue } from '#shared/aws/send-messages.ts'
import type { Chance } from './chance.ts'
import type { Scheduler } from './scheduler.ts'

/** Takes a message that is to arrive after some seconds. */
export type Send = (body: string, delaySeconds: number) => void

/** The queue of wake-ups as the product's adapters meet it: their calls are held until they arrive. It skips the SDK. */
export function heldQueue(scheduler: Pick<Scheduler, 'hold'>, send: Send): Queue {
  const client = {
    send: ({ input }: SendMessageBatchCommand) =>
      scheduler.hold({ name: 'SendMessageBatch', input }, async () => await Promise.resolve(sendBatch(input, send))),
  }
  return { url: 'wake-ups', client: client as unknown as SQSClient }
}

function sendBatch({ Entries = [] }: SendMessageBatchCommandInput, send: Send): object {
  for (const { MessageBody = '', DelaySeconds = 0 } of Entries) send(MessageBody, DelaySeconds)
  return { Successful: Entries.map(({ Id }) => ({ Id })) }
}

/** Sends a part of a batch; the rest is refused one by one, as SQS may do with any entry. */
export function sendPart(input: SendMessageBatchCommandInput, send: Send, chance: Chance): object {
  const { Entries = [] } = input
  const sent = chance.whole(0, Math.max(0, Entries.length - 1))
  const answer = sendBatch({ ...input, Entries: Entries.slice(0, sent) }, send)
  const Failed = Entries.slice(sent).map(({ Id }) => ({ Id, Code: 'ServiceUnavailable', SenderFault: false }))
  return { ...answer, Failed }
}
