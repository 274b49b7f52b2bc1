import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { Construct } from 'constructs'
import type { WorkQueue } from './queue.ts'

/**
 * What can change a run. ECS sends events for some eight steps of a task's life; the others would be taken, and change
 * nothing, at three times the cost.
 */
const TELLING = ['RUNNING', 'STOPPED']

/** ECS task state changes of this cluster, into a queue. */
export class TaskEvents extends Construct {
  constructor(scope: Construct, id: string, { clusterArn, into }: { clusterArn: string; into: WorkQueue }) {
    super(scope, id)
    const rule = new Rule(this, 'Rule', {
      description: 'State changes of the tasks that work pools launched',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [clusterArn], lastStatus: TELLING },
      },
    })
    rule.addTarget(new SqsQueue(into.queue, { deadLetterQueue: into.deadLetters }))
  }
}
