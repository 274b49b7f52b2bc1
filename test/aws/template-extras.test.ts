import { describe, expect, it } from 'vitest'
import { ecsLaunchOf } from '#shared/aws/run-task-input.ts'
import type { EcsEnv } from '#shared/config.ts'
import { fillJob, planJob } from '#shared/ecs-task/plan-job.ts'
import { NOTHING_FOUND } from '#shared/template/references.ts'
import { ecsEnv, openEcsBench } from '../support/ecs/ecs.ts'
import { launchOf } from '../support/ecs/launches.ts'

type Variables = Record<string, unknown>

/** A launch request for a job configuration of fixed values. */
function requestFor(configuration: Variables) {
  const template = { job_configuration: configuration, variables: { properties: {} } }
  const { job, variables, extras, problems } = planJob(fillJob({ template, deployment: {}, run: {} }), NOTHING_FOUND)
  expect(problems).toEqual([])
  const { image, env, cpu, memoryMib } = job
  return launchOf({ image: image ?? 'busybox:1', env, cpu, memoryMib, configuration: variables, extras })
}

function launchFor(configuration: Variables, env: Partial<EcsEnv> = {}) {
  const { taskDefinition, input } = ecsLaunchOf({ ...ecsEnv, ...env }, requestFor(configuration))
  if (typeof taskDefinition === 'string') throw new Error('none to register')
  return { definition: taskDefinition.input, input }
}

describe("a template with ECS's own settings", () => {
  const twoContainers = {
    task_definition: {
      cpu: 1024,
      memory: 2048,
      ephemeralStorage: { sizeInGiB: 50 },
      volumes: [{ name: 'scratch' }],
      containerDefinitions: [
        { name: 'log', image: 'fluent:1', cpu: 256, essential: false, mountPoints: [{ sourceVolume: 'scratch' }] },
        { name: 'prefect', image: 'job:1', stopTimeout: 90, dependsOn: [{ containerName: 'log', condition: 'START' }] },
      ],
    },
    task_run_request: { platformVersion: '1.4.0', overrides: { ephemeralStorage: { sizeInGiB: 60 } } },
  }

  it("reaches ECS, together with the operator's settings", () => {
    const { definition, input } = launchFor(twoContainers)
    expect(definition).toMatchObject({
      cpu: '1024',
      memory: '2048',
      ephemeralStorage: { sizeInGiB: 50 },
      volumes: [{ name: 'scratch' }],
      taskRoleArn: ecsEnv.TASK_ROLE_ARN,
      executionRoleArn: ecsEnv.EXECUTION_ROLE_ARN,
      networkMode: 'awsvpc',
    })
    const [log, job] = definition.containerDefinitions ?? []
    const { logConfiguration } = job ?? {}
    expect(log).toEqual({
      name: 'log',
      image: 'fluent:1',
      cpu: 256,
      essential: false,
      environment: [],
      mountPoints: [{ sourceVolume: 'scratch' }],
      secrets: [],
      logConfiguration,
    })
    expect(job).toMatchObject({ name: 'prefect', image: 'job:1', essential: true, stopTimeout: 90 })
    expect(input).toMatchObject({ platformVersion: '1.4.0', launchType: 'FARGATE', count: 1 })
    expect(input.overrides).toMatchObject({ ephemeralStorage: { sizeInGiB: 60 } })
  })

  it('leaves the sizes of containers that share a task to their definitions', () => {
    const [override] = launchFor(twoContainers).input.overrides?.containerOverrides ?? []
    expect(override).toMatchObject({ name: 'prefect' })
    expect(override).not.toHaveProperty('cpu')
    const alone = launchFor({ task_definition: { cpu: 256, memory: 512 } }).input.overrides?.containerOverrides?.[0]
    expect(alone).toMatchObject({ name: 'main', cpu: 256, memory: 512 })
  })

  it('launches, and the same template is registered once', async () => {
    const { server, tasks } = await openEcsBench()
    expect(await tasks.run(requestFor(twoContainers))).toMatchObject({ kind: 'started' })
    expect(await tasks.run(requestFor(twoContainers))).toMatchObject({ kind: 'started' })
    expect(server.callsOf('RegisterTaskDefinition')).toHaveLength(1)
  })
})

describe('logs', () => {
  const optionsOf = (configuration: Variables) =>
    launchFor(configuration).definition.containerDefinitions?.[0]?.logConfiguration?.options

  it("go to the operator's group, in streams named as the template says", () => {
    const own = { 'awslogs-group': '/pushpool/tasks', 'awslogs-region': 'us-east-1' }
    expect(optionsOf({ image: 'a' })).toEqual({ ...own, 'awslogs-stream-prefix': 'pushpool' })
    const options = { mode: 'non-blocking', 'max-buffer-size': '4m' }
    const chosen = { cloudwatch_logs_prefix: 'team', cloudwatch_logs_options: options }
    expect(optionsOf(chosen)).toEqual({ ...own, ...options, 'awslogs-stream-prefix': 'team' })
  })
})

it('the secrets of every container are those that the operator allows', async () => {
  const valueFrom = 'arn:aws:ssm:us-east-1:1:parameter/jobs/database'
  const secrets = [{ name: 'DATABASE', valueFrom }]
  const containers = (definition: Variables) => ({
    task_definition: {
      containerDefinitions: [
        { name: 'prefect', image: 'a' },
        { name: 'x', image: 'b', ...definition },
      ],
    },
  })
  const { definition } = launchFor(containers({ secrets }), { ALLOWED_SECRET_ARNS: [valueFrom] })
  expect(definition.containerDefinitions?.[0]).toMatchObject({ name: 'x', secrets })
  const main = launchFor(
    { task_definition: { containerDefinitions: [{ secrets }] } },
    { ALLOWED_SECRET_ARNS: [valueFrom] },
  )
  expect(main.definition.containerDefinitions?.[0]?.secrets).toEqual(secrets)
  const { tasks, server } = await openEcsBench()
  expect(await tasks.run(requestFor(containers({ secrets })))).toMatchObject({
    kind: 'refused',
    reasons: [{ reason: 'AccessDenied' }],
  })
  expect(server.calls).toEqual([])
})
