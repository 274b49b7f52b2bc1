import { describe, expect, it } from 'vitest'
import { EcsTaskDetail, ecsTaskOf, parseEcsTaskEvent } from '#shared/ecs-task/ecs-task-event.ts'
import { parseInstant } from '#shared/instant.ts'

/** After the example in the ECS developer guide, "Task state change events". */
const GENUINE = {
  version: '0',
  id: '3317b2af-7005-947d-b652-f55e762e571a',
  'detail-type': 'ECS Task State Change',
  source: 'aws.ecs',
  account: '111122223333',
  time: '2026-01-23T17:57:58Z',
  region: 'us-west-2',
  resources: ['arn:aws:ecs:us-west-2:111122223333:task/FargateCluster/c13b4cb40f1f4fe4a2971f76ae5a47ad'],
  detail: {
    attachments: [
      {
        id: '1789bcae-ddfb-4d10-8ebe-8ac87ddba5b8',
        type: 'eni',
        status: 'DELETED',
        details: [{ name: 'privateIPv4Address', value: '10.0.0.157' }],
      },
    ],
    availabilityZone: 'us-west-2c',
    clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/FargateCluster',
    containers: [
      {
        containerArn: 'arn:aws:ecs:us-west-2:111122223333:container/cf159fd6-3e3f-4a9e-84f9-66cbe726af01',
        lastStatus: 'STOPPED',
        name: 'main',
        exitCode: 137,
        reason: 'OutOfMemoryError: Container killed due to memory usage',
        image: '111122223333.dkr.ecr.us-west-2.amazonaws.com/hello-repository:latest',
        networkInterfaces: [],
        cpu: '0',
      },
    ],
    createdAt: '2026-01-23T17:57:34.402Z',
    launchType: 'FARGATE',
    cpu: '256',
    memory: '512',
    desiredStatus: 'STOPPED',
    group: 'family:sample-fargate',
    lastStatus: 'STOPPED',
    overrides: { containerOverrides: [{ name: 'main' }] },
    connectivity: 'CONNECTED',
    startedAt: '2026-01-23T17:57:49.103Z',
    startedBy: '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000/1',
    stopCode: 'EssentialContainerExited',
    stoppedAt: '2026-01-23T17:57:58.103Z',
    stoppedReason: 'Essential container in task exited',
    taskArn: 'arn:aws:ecs:us-west-2:111122223333:task/FargateCluster/c13b4cb40f1f4fe4a2971f76ae5a47ad',
    taskDefinitionArn: 'arn:aws:ecs:us-west-2:111122223333:task-definition/sample-fargate:1',
    version: 4,
    platformVersion: '1.4.0',
  },
}
const withDetail = (detail: object) => JSON.stringify({ ...GENUINE, detail: { ...GENUINE.detail, ...detail } })

it('the main container is the one with an environment override', () => {
  const given = [{ name: 'PUSHPOOL_RUN_ID', value: 'x' }]
  const overrides = { containerOverrides: [{ name: 'log' }, { name: 'prefect', environment: given }] }
  const mainOf = (detail: object) => {
    const read = parseEcsTaskEvent(withDetail(detail))
    return 'task' in read ? read.task.mainContainer : read.problem
  }
  expect(mainOf({ overrides })).toBe('prefect')
  for (const none of [{ overrides: null }, { overrides: {} }, {}]) expect(mainOf(none)).toBeUndefined()
})

it('a genuine event is parsed, and unused members are dropped', () => {
  expect(parseEcsTaskEvent(JSON.stringify(GENUINE))).toEqual({
    task: {
      taskArn: GENUINE.detail.taskArn,
      startedBy: '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000/1',
      lastStatus: 'STOPPED',
      version: 4,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      createdAt: parseInstant('2026-01-23T17:57:34.402Z'),
      startedAt: parseInstant('2026-01-23T17:57:49.103Z'),
      stoppedAt: parseInstant('2026-01-23T17:57:58.103Z'),
      containers: [{ name: 'main', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    },
  })
})

describe('an event with less in it', () => {
  it.each([{ containers: [] }, { containers: null }, { containers: undefined }])(
    'a task that failed to start has no containers: %j',
    (detail) => {
      expect(parseEcsTaskEvent(withDetail(detail))).toMatchObject({ task: { containers: [] } })
    },
  )

  it('a new task has no times, no reasons and no exit codes', () => {
    const { taskArn } = GENUINE.detail
    const event = { ...GENUINE, detail: { taskArn, lastStatus: 'PROVISIONING', containers: [{ name: 'main' }] } }
    expect(parseEcsTaskEvent(JSON.stringify(event))).toEqual({
      task: {
        taskArn,
        startedBy: null,
        lastStatus: 'PROVISIONING',
        version: 0,
        stopCode: null,
        stoppedReason: null,
        createdAt: null,
        startedAt: null,
        stoppedAt: null,
        containers: [{ name: 'main', exitCode: null, reason: null }],
      },
    })
  })

  it('an invalid time is null', () => {
    expect(parseEcsTaskEvent(withDetail({ stoppedAt: 'yesterday' }))).toMatchObject({ task: { stoppedAt: null } })
  })

  it('a container without a name is kept', () => {
    expect(parseEcsTaskEvent(withDetail({ containers: [{ exitCode: 1 }] }))).toMatchObject({
      task: { containers: [{ name: '', exitCode: 1, reason: null }] },
    })
  })
})

describe('what is not a task event', () => {
  const BODIES: [string, string][] = [
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['null', ''],
    ['[]', ''],
    ['"text"', ''],
    ['{}', 'source'],
    [JSON.stringify({ ...GENUINE, source: 'aws.ec2' }), 'source'],
    [JSON.stringify({ ...GENUINE, 'detail-type': 'ECS Deployment State Change' }), 'detail-type'],
    [JSON.stringify({ ...GENUINE, detail: undefined }), 'detail'],
    [withDetail({ taskArn: 5 }), 'detail.taskArn'],
    [withDetail({ lastStatus: null }), 'detail.lastStatus'],
    [withDetail({ version: '4' }), 'detail.version'],
    [withDetail({ containers: 'main' }), 'detail.containers'],
    [withDetail({ containers: [{ exitCode: '0' }] }), 'detail.containers.0.exitCode'],
  ]
  it.each(BODIES)('%.60s is rejected, with the place of the problem: %s', (body, place) => {
    const read = parseEcsTaskEvent(body)
    expect('problem' in read && read.problem.startsWith(place)).toBe(true)
  })
})

it('a task from DescribeTasks, with dates, parses like one from an event', () => {
  const { detail } = GENUINE
  const described = { ...detail, startedAt: new Date(detail.startedAt), stoppedAt: new Date(detail.stoppedAt) }
  const fromEvent = parseEcsTaskEvent(JSON.stringify(GENUINE))
  expect({ task: ecsTaskOf(EcsTaskDetail.parse(described)) }).toEqual(fromEvent)
})
