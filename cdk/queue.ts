import { Duration, Validations } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

/** SQS's longest: a person has to look at these. */
const DEAD_RETENTION = Duration.days(14)
/** Far beyond five receives; whatever a message stood for has been repaired by a tick since. */
const RETENTION = Duration.days(4)
/** A message that failed this often is not going to succeed. */
const RECEIVES_MAX = 5
/** AWS's advice for queues that feed functions, so that a message under work is not handed out again. */
const TIMEOUTS_VISIBLE = 6

/** A queue that a function works off, with a dead-letter queue beside it. Encrypted; over TLS only. */
export class WorkQueue extends Construct {
  readonly queue: Queue
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, functionTimeout: Duration) {
    super(scope, id)
    this.deadLetters = deadLetterQueue(this, 'DeadLetters')
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(functionTimeout.toSeconds() * TIMEOUTS_VISIBLE),
      retentionPeriod: RETENTION,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: RECEIVES_MAX },
    })
  }

  /** Has a function take the messages, at most so many invocations at once; those that failed come again, alone. */
  feed(lambda: IFunction, maxConcurrency: number): void {
    lambda.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 10, maxConcurrency, reportBatchItemFailures: true }),
    )
    Validations.of(lambda).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda has none for SQS: failed messages stay in the queue until its redrive policy moves them.',
    })
  }
}

/** A queue for what could not be worked off or delivered; an alarm watches each. */
export function deadLetterQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: DEAD_RETENTION,
  })
  const reason = 'It is a dead-letter queue itself, read only by people.'
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason }, { id: 'Serverless-SQSRedrivePolicy', reason })
  return queue
}
