import { createHash } from 'node:crypto'
import type { SQSRecord } from 'aws-lambda'
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../invocation.ts'

/** A message as the queue keeps it. */
export interface Message {
  id: string
  body: string
  sentAtMs: number
  firstReceivedAtMs: number | undefined
  receives: number
}

/** The record of one delivery, as Lambda gets it from SQS. */
export function sqsRecord(queueName: string, message: Message, receiptHandle: string): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receives),
      SentTimestamp: String(message.sentAtMs),
      SenderId: LOCAL_ACCOUNT,
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${queueName}`,
    awsRegion: LOCAL_REGION,
  }
}
