import { Duration } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

/** EventBridge has no finer schedule. */
const PERIOD = Duration.minutes(1)

/** The one-minute tick: it repairs whatever a lost message, a lost event or a crash left behind. */
export class Ticks extends Construct {
  constructor(scope: Construct, id: string, { to, deadLetters }: { to: readonly IFunction[]; deadLetters: Queue }) {
    super(scope, id)
    const rule = new Rule(this, 'Rule', {
      description: 'Ticks of the work pools: dispatch due runs, repair lost ones',
      schedule: Schedule.rate(PERIOD),
    })
    for (const lambda of to) {
      rule.addTarget(
        new LambdaFunction(lambda, { deadLetterQueue: deadLetters, maxEventAge: PERIOD, retryAttempts: 1 }),
      )
    }
  }
}
