import { randomUUID } from 'node:crypto'
import { formatInstant, type Instant } from '#shared/instant.ts'
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../invocation.ts'
import { CLUSTER, CONTAINER, type TaskRecord, versionOf } from './task-record.ts'

const FAMILY = 'pushpool-local'

/** The event that EventBridge would carry from ECS. Members that ECS leaves out are left out here too. */
export function taskEvent(record: TaskRecord, now: Instant) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'ECS Task State Change' as const,
    source: 'aws.ecs',
    account: LOCAL_ACCOUNT,
    time: `${formatInstant(now).slice(0, 19)}Z`,
    region: LOCAL_REGION,
    resources: [record.taskArn],
    detail: taskDetail(record, now),
  }
}

export type TaskEvent = ReturnType<typeof taskEvent>

function taskDetail(record: TaskRecord, now: Instant) {
  const arn = `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}`
  const stopping = record.stoppingAt !== null || record.status === 'STOPPED'
  return {
    attachments: [],
    attributes: [],
    clusterArn: `${arn}:cluster/${CLUSTER}`,
    containers: [container(record, arn)],
    cpu: String(record.cpu ?? 256),
    createdAt: millis(record.createdAt),
    desiredStatus: stopping ? ('STOPPED' as const) : ('RUNNING' as const),
    enableExecuteCommand: false,
    group: `family:${FAMILY}`,
    lastStatus: record.status,
    launchType: 'FARGATE',
    memory: String(record.memoryMib ?? 512),
    overrides: { containerOverrides: [{ name: CONTAINER }] },
    platformVersion: '1.4.0',
    startedBy: record.startedBy,
    taskArn: record.taskArn,
    taskDefinitionArn: `${arn}:task-definition/${FAMILY}:1`,
    updatedAt: millis(now),
    version: versionOf(record),
    ...(record.startedAt !== null && { startedAt: millis(record.startedAt) }),
    ...(record.stoppingAt !== null && { stoppingAt: millis(record.stoppingAt) }),
    ...(record.stoppedAt !== null && {
      stoppedAt: millis(record.stoppedAt),
      executionStoppedAt: millis(record.stoppedAt),
    }),
    ...(record.stopCode !== null && { stopCode: record.stopCode }),
    ...(record.stoppedReason !== null && { stoppedReason: record.stoppedReason }),
  }
}

function container(record: TaskRecord, arn: string) {
  return {
    containerArn: `${arn}:container/${CLUSTER}/${record.id}/${CONTAINER}`,
    lastStatus: record.status === 'PROVISIONING' ? 'PENDING' : record.status,
    name: CONTAINER,
    taskArn: record.taskArn,
    networkInterfaces: [],
    cpu: '0',
    ...(record.exitCode !== null && { exitCode: record.exitCode }),
    ...(record.containerReason !== null && { reason: record.containerReason }),
  }
}

/** ECS writes milliseconds. */
function millis(instant: Instant): string {
  return new Date(Math.floor(instant / 1000)).toISOString()
}
