import { describe, expect, it } from 'vitest'
import { openEcsBench } from '../support/ecs/ecs.ts'
import type { Trouble } from '../support/ecs/ecs-server.ts'
import { launchOf } from '../support/ecs/launches.ts'

describe('RunTask', () => {
  it('requests one task, under a repeatable token and startedBy', async () => {
    const { server, tasks } = await openEcsBench()
    const request = launchOf({ command: ['echo', 'a b'], env: { GREETING: 'hi' } })
    expect(await tasks.run(request)).toMatchObject({ kind: 'started' })
    expect(server.callsOf('RunTask')).toMatchObject([
      {
        count: 1,
        clientToken: request.token,
        startedBy: request.startedBy,
        overrides: {
          containerOverrides: [
            { name: 'main', command: ['echo', 'a b'], environment: [{ name: 'GREETING', value: 'hi' }] },
          ],
        },
        tags: [
          { key: 'pushpool:run', value: request.runId },
          { key: 'pushpool:run-name', value: 'brisk-heron' },
        ],
      },
    ])
  })

  it('passes failures on unchanged', async () => {
    const { server, tasks } = await openEcsBench()
    const failures = [
      { reason: 'RESOURCE:MEMORY', arn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/one' },
      { reason: 'Capacity is unavailable at this time. Please try again later.', detail: 'no room' },
      { reason: 'MISSING', arn: 'arn:of:what' },
    ]
    server.trouble('RunTask', { answer: { tasks: [], failures } })
    expect(await tasks.run(launchOf())).toEqual({
      kind: 'refused',
      reasons: [
        { reason: 'RESOURCE:MEMORY', detail: null },
        { reason: 'Capacity is unavailable at this time. Please try again later.', detail: 'no room' },
        { reason: 'MISSING', detail: 'arn:of:what' },
      ],
    })
  })

  const throttling: [string, Trouble][] = [
    ['ThrottlingException', { error: 'ThrottlingException', message: 'Rate exceeded' }],
    ['429', { error: 'SomethingNew', status: 429 }],
    [
      'what ECS calls being throttled',
      {
        error: 'InvalidParameterException',
        message:
          'Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)',
      },
    ],
  ]
  it.each(throttling)('treats %s as throttling', async (_, trouble) => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', trouble, trouble)
    expect(await tasks.run(launchOf())).toEqual({ kind: 'throttled' })
    expect(server.tasks.size).toBe(0)
  })

  it.each([
    'ClientException',
    'InvalidParameterException',
    'AccessDeniedException',
    'ClusterNotFoundException',
    'PlatformUnknownException',
    'PlatformTaskDefinitionIncompatibilityException',
    'UnsupportedFeatureException',
    'BlockedException',
    'UnrecognizedClientException',
  ])('treats %s as proof that nothing was started', async (error) => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', { error, message: 'No.' })
    expect(await tasks.run(launchOf())).toEqual({ kind: 'refused', reasons: [{ reason: error, detail: 'No.' }] })
    expect(server.callsOf('RunTask')).toHaveLength(1)
  })

  it('throws when it returns neither a task nor a failure', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', { answer: { tasks: [], failures: [] } })
    await expect(tasks.run(launchOf())).rejects.toThrow('neither a task nor a failure')
  })

  it('throws when ECS fails, after one retry', async () => {
    const { server, tasks } = await openEcsBench()
    const down: Trouble = { error: 'ServerException', status: 500 }
    server.trouble('RunTask', down, down, down)
    await expect(tasks.run(launchOf())).rejects.toThrow('ServerException')
    expect(server.callsOf('RunTask')).toHaveLength(2)
  })
})

describe('a lost response', () => {
  it('is retried by the SDK under the same token', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', 'lost-answer')
    const request = launchOf()
    expect(await tasks.run(request)).toEqual({ kind: 'started', taskArn: [...server.tasks.keys()][0] })
    expect(server.callsOf('RunTask').map(({ clientToken }) => clientToken)).toEqual([request.token, request.token])
    expect(server.tasks.size).toBe(1)
  })

  it('is an unknown outcome, and the next launch finds the task', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', 'lost-answer', 'lost-answer')
    const request = launchOf()
    await expect(tasks.run(request)).rejects.toThrow('socket hang up')
    expect(await tasks.run(request)).toMatchObject({ kind: 'started' })
    expect(server.tasks.size).toBe(1)
  })

  it('leads to the same task even if the pool has changed since', async () => {
    const { server, tasks, warnings } = await openEcsBench()
    server.trouble('RunTask', 'lost-answer', 'lost-answer')
    const request = launchOf()
    await expect(tasks.run(request)).rejects.toThrow('socket hang up')
    const changed = { ...request, image: 'busybox:1.38' }
    expect(await tasks.run(changed)).toEqual({ kind: 'started', taskArn: [...server.tasks.keys()][0] })
    expect(warnings).toEqual(['adopted the task of an earlier launch'])
    expect(server.tasks.size).toBe(1)
  })

  it('stays unknown when ECS names no task in its conflict error', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('RunTask', { error: 'ConflictException' })
    await expect(tasks.run(launchOf())).rejects.toThrow('ConflictException')
  })
})

describe('started tasks', () => {
  it('are described a hundred at a time', async () => {
    const { server, tasks } = await openEcsBench()
    const started = await tasks.run(launchOf())
    const taskArn = started.kind === 'started' ? started.taskArn : ''
    const unknown = Array.from({ length: 230 }, (_, n) => taskArn.replace(/.{4}$/, `f${String(n).padStart(3, '0')}`))
    expect(await tasks.describe([...unknown, taskArn])).toMatchObject([{ taskArn, lastStatus: 'PROVISIONING' }])
    expect(server.callsOf('DescribeTasks').map((input) => (input.tasks as string[]).length)).toEqual([100, 100, 31])
  })

  it('are never reported unknown unless ECS does not know them', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('DescribeTasks', { answer: { tasks: [], failures: [{ arn: 'arn:task', reason: 'BUSY' }] } })
    await expect(tasks.describe(['arn:task'])).rejects.toThrow('BUSY')
  })

  it('are listed page by page, running and stopped', async () => {
    const { server, tasks } = await openEcsBench()
    server.pageSize = 2
    const { startedBy } = launchOf()
    const arns: string[] = []
    for (let n = 0; n < 5; n += 1) {
      const outcome = await tasks.run(launchOf({ startedBy }))
      if (outcome.kind === 'started') arns.push(outcome.taskArn)
    }
    await tasks.stop(arns[0] ?? '', 'enough')
    const listed = await tasks.listStartedBy(startedBy)
    expect(listed.map(({ taskArn }) => taskArn).toSorted()).toEqual(arns)
    const stopped = listed.find(({ lastStatus }) => lastStatus === 'STOPPED')
    expect(stopped).toMatchObject({ taskArn: arns[0], stoppedReason: 'enough', stoppedAt: 1_768_478_400_500_000 })
  })

  it('are listed while running, where ECS lists no stopped ones by startedBy', async () => {
    const { server, tasks } = await openEcsBench()
    const outcome = await tasks.run(launchOf())
    const running = { answer: { taskArns: outcome.kind === 'started' ? [outcome.taskArn] : [] } }
    server.trouble('ListTasks', running, { error: 'InvalidParameterException', message: 'one filter only' })
    expect(await tasks.listStartedBy(launchOf().startedBy)).toHaveLength(1)
  })

  it('are stopped with a reason of the length that ECS accepts', async () => {
    const { server, tasks } = await openEcsBench()
    await tasks.stop('arn:gone', 'x'.repeat(1_000))
    expect(server.callsOf('StopTask')).toMatchObject([{ reason: 'x'.repeat(255) }])
  })

  it('are not treated as stopped when ECS fails', async () => {
    const { server, tasks } = await openEcsBench()
    server.trouble('StopTask', { error: 'AccessDeniedException', message: 'no right' })
    await expect(tasks.stop('arn:some', 'enough')).rejects.toThrow('no right')
  })
})
