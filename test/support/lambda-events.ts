import type { ScheduledEvent, SQSEvent } from 'aws-lambda'
import type { CountWakeUp, WakeUp } from '#shared/deps.ts'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'
import { sqsRecord } from '../../local/queue/sqs-event.ts'

let delivered = 0

/** One invocation's messages from SQS, with these bodies. */
export function sqsEvent(bodies: readonly string[]): SQSEvent {
  return {
    Records: bodies.map((body) => {
      delivered += 1
      const id = `00000000-0000-4000-8000-${String(delivered).padStart(12, '0')}`
      const message = { id, body, sentAtMs: 0, firstReceivedAtMs: undefined, receives: 1 }
      return sqsRecord('queue', message, `receipt-${delivered}`)
    }),
  }
}

/** What the schedule of EventBridge Scheduler or a rule sends each minute. */
export function tickEvent(now: Instant): ScheduledEvent {
  return {
    version: '0',
    id: '89d1a02d-5ec7-412e-82f5-13505f849b41',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: `${formatInstant(now).slice(0, 19)}Z`,
    region: 'us-east-1',
    resources: ['arn:aws:events:us-east-1:123456789012:rule/pushpool-tick'],
    detail: {},
  }
}

/** A wake-up as it is sent; its delay is not in the message. */
export const wakeUpBody = (wakeUp: (WakeUp | CountWakeUp) & { delaySeconds?: number }): string =>
  JSON.stringify({ ...wakeUp, delaySeconds: undefined })

/** An ECS "Task State Change" as EventBridge sends it to SQS (after the sample in the ECS developer guide). */
export function taskEventBody(task: EcsTask): string {
  const { taskArn, startedBy, lastStatus, version, stopCode, stoppedReason, containers } = task
  const { createdAt, startedAt, stoppedAt } = task
  const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/pushpool'
  return JSON.stringify({
    version: '0',
    id: '3317b2af-7005-947d-b652-f55e762e571a',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: '123456789012',
    time: '2026-01-15T12:00:00Z',
    region: 'us-east-1',
    resources: [taskArn],
    detail: {
      attachments: [{ id: 'eni-1', type: 'eni', status: 'ATTACHED', details: [] }],
      availabilityZone: 'us-east-1c',
      clusterArn,
      containers: containers.map(({ name, exitCode, reason }) => ({
        containerArn: `${taskArn}/${name}`,
        lastStatus,
        name,
        image: 'busybox',
        taskArn,
        ...(exitCode === null ? {} : { exitCode }),
        ...(reason === null ? {} : { reason }),
        networkInterfaces: [],
        cpu: '0',
      })),
      cpu: '256',
      desiredStatus: lastStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING',
      group: 'family:pushpool',
      launchType: 'FARGATE',
      lastStatus,
      memory: '512',
      overrides: { containerOverrides: [{ name: 'main' }] },
      ...(startedBy === null ? {} : { startedBy }),
      ...(createdAt === null ? {} : { createdAt: formatInstant(createdAt) }),
      ...(startedAt === null ? {} : { startedAt: formatInstant(startedAt) }),
      ...(stoppedAt === null ? {} : { stoppedAt: formatInstant(stoppedAt) }),
      ...(stopCode === null ? {} : { stopCode }),
      ...(stoppedReason === null ? {} : { stoppedReason }),
      taskArn,
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/pushpool:1',
      version,
    },
  })
}
