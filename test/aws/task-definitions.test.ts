import { describe, expect, it } from 'vitest'
import { openEcsBench } from '../support/ecs/ecs.ts'
import type { Definition } from '../support/ecs/ecs-rules.ts'
import { launchOf } from '../support/ecs/launches.ts'

const tooMany = {
  error: 'ClientException',
  message: 'Too many concurrent attempts to create a new revision of the specified family.',
}

describe('a task definition', () => {
  it('is registered once for all runs that share it', async () => {
    const { server, tasks } = await openEcsBench()
    const runs = Array.from({ length: 12 }, (_, n) => launchOf({ command: ['echo', String(n)], env: { N: String(n) } }))
    await Promise.all(runs.map((run) => tasks.run(run)))
    expect(server.callsOf('RegisterTaskDefinition')).toHaveLength(1)
    expect(server.tasks.size).toBe(12)
  })

  it('is registered once for all dispatchers, which find it in the table', async () => {
    const { server, tasks, another } = await openEcsBench()
    await tasks.run(launchOf())
    await another().run(launchOf())
    expect(server.callsOf('RegisterTaskDefinition')).toHaveLength(1)
  })

  it('holds everything that RunTask cannot override', async () => {
    const { server, tasks } = await openEcsBench()
    await tasks.run(launchOf({ cpu: 256, memoryMib: 1024 }))
    const [definition] = server.definitions.values()
    expect(definition).toMatchObject({
      family: expect.stringMatching(/^pushpool-[0-9a-f]{16}$/) as string,
      cpu: '256',
      memory: '1024',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      taskRoleArn: 'arn:aws:iam::123456789012:role/task',
      executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      containerDefinitions: [
        {
          name: 'main',
          image: 'busybox:1.37',
          essential: true,
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': '/pushpool/tasks', 'awslogs-region': 'us-east-1' },
          },
        },
      ],
    })
    expect(JSON.stringify(definition)).not.toContain('environment')
  })

  it('has a separate family for each content', async () => {
    const { server, tasks } = await openEcsBench()
    const variants = [{}, { image: 'other' }, { cpu: 512 }, { configuration: { family: 'etl flows!' } }]
    for (const rest of [...variants, ...variants]) await tasks.run(launchOf(rest))
    const families = [...server.definitions.values()].map(({ family }) => family)
    expect(families).toHaveLength(4)
    expect(new Set(families).size).toBe(4)
    expect(families.filter((family) => family.startsWith('pushpool-etl-flows--'))).toHaveLength(1)
  })

  it('registered first by another dispatcher is used', async () => {
    const { server, tasks, records } = await openEcsBench()
    records.add = (hash, arn) => {
      const theirs = { ...structuredClone(server.definitions.get(arn)), taskDefinitionArn: `${arn}0` } as Definition
      server.definitions.set(theirs.taskDefinitionArn, theirs)
      records.arns.set(hash, theirs.taskDefinitionArn)
      return Promise.resolve(false)
    }
    await tasks.run(launchOf())
    expect(server.callsOf('RunTask')[0]?.taskDefinition).toMatch(/:10$/)
  })

  it.each([[{ error: 'ThrottlingException' }], [tooMany]])(
    'that cannot be registered right now makes the launch wait: %j',
    async (trouble) => {
      const { server, tasks } = await openEcsBench()
      server.trouble('RegisterTaskDefinition', trouble, trouble)
      const request = launchOf()
      expect(await tasks.run(request)).toEqual({ kind: 'throttled' })
      server.trouble('RegisterTaskDefinition')
      while ((await tasks.run(request)).kind === 'throttled');
      expect(server.tasks.size).toBe(1)
    },
  )

  it("rejected by ECS fails the launch with ECS's message", async () => {
    const { server, tasks } = await openEcsBench()
    const message = 'No Fargate configuration exists for given values.'
    server.trouble('RegisterTaskDefinition', { error: 'ClientException', message })
    expect(await tasks.run(launchOf())).toEqual({
      kind: 'refused',
      reasons: [{ reason: 'ClientException', detail: message }],
    })
    expect(server.callsOf('RunTask')).toEqual([])
  })

  it('deregistered by hand is registered again, once per process', async () => {
    const { server, tasks, another } = await openEcsBench()
    const other = another()
    await Promise.all([tasks.run(launchOf()), other.run(launchOf())])
    for (const arn of server.definitions.keys()) server.deregister(arn)
    const before = server.definitions.size
    for (const one of [tasks, other, tasks]) expect(await one.run(launchOf())).toMatchObject({ kind: 'started' })
    expect(server.definitions.size).toBe(before + 1)
  })

  it('named by job variables is used as is, with the size the job requests', async () => {
    const { server, tasks, another } = await openEcsBench()
    await another().run(launchOf({ configuration: { container_name: 'theirs' } }))
    const [arn = ''] = server.definitions.keys()
    const configuration = { task_definition_arn: arn, container_name: 'theirs' }
    expect(await tasks.run(launchOf({ configuration, cpu: 512, memoryMib: 2048 }))).toMatchObject({ kind: 'started' })
    expect(server.definitions.size).toBe(1)
    expect(server.callsOf('RunTask').at(-1)).toMatchObject({
      taskDefinition: arn,
      overrides: { cpu: '512', memory: '2048', containerOverrides: [{ name: 'theirs' }] },
    })
  })

  it('named by job variables but unknown to ECS fails the launch', async () => {
    const { server, tasks } = await openEcsBench()
    const configuration = { task_definition_arn: 'arn:of:nothing' }
    expect(await tasks.run(launchOf({ configuration }))).toMatchObject({
      kind: 'refused',
      reasons: [{ reason: 'ClientException' }],
    })
    expect(server.callsOf('RegisterTaskDefinition')).toEqual([])
  })
})
