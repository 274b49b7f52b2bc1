import { describe, expect, it } from 'vitest'
import { fillJob, type PlannedJob, planJob } from '#shared/ecs-task/plan-job.ts'
import { NOTHING_FOUND } from '#shared/template/references.ts'
import { ecsTemplate } from '../support/ecs/ecs-template.ts'

type Variables = Record<string, unknown>

function planned(template: Variables, deployment: Variables = {}, run: Variables = {}): PlannedJob {
  return planJob(fillJob({ template, deployment, run }), NOTHING_FOUND)
}
/** A template with only these ECS settings. */
const fixed = (configuration: Variables) => ({ job_configuration: configuration, variables: { properties: {} } })
const withContainers = (...containerDefinitions: Variables[]) => fixed({ task_definition: { containerDefinitions } })
const problemsOf = (template: Variables) => planned(template).problems.map(({ variable }) => variable)

describe("Prefect's own ECS template", () => {
  it('applies job variables as they are', () => {
    const { job, variables, extras, problems } = planned(
      ecsTemplate({ image: 'default:1', env: { A: 'pool' }, labels: { team: 'a' } }),
      { command: 'echo hello', cpu: 512, 'env.B': 'deployment', family: 'nightly' },
      { memory: '1024', env: { C: 'run' }, labels: { team: 'b' }, launch_type: 'FARGATE_SPOT' },
    )
    expect(problems).toEqual([])
    expect(job).toEqual({
      command: ['echo', 'hello'],
      image: 'default:1',
      env: { A: 'pool', B: 'deployment', C: 'run' },
      cpu: 512,
      memoryMib: 1024,
      timeoutSeconds: null,
    })
    expect(variables).toMatchObject({ family: 'nightly', labels: { team: 'b' }, launch_type: 'FARGATE_SPOT' })
    expect(extras.sidecars).toEqual([])
  })

  it("also reads pushpool's own variables, which it does not name", () => {
    const secrets = { KEY: 'arn:aws:ssm:x' }
    const { job, variables } = planned(ecsTemplate(), { timeout_seconds: 60, secrets, cpu_architecture: 'ARM64' })
    expect(job.timeoutSeconds).toBe(60)
    expect(variables).toMatchObject({ secrets, cpu_architecture: 'ARM64' })
  })

  it('rejects a role, wherever one is named', () => {
    const roles = { execution_role_arn: 'arn:aws:iam::1:role/x', task_role_arn: 'arn:aws:iam::1:role/y' }
    expect(problemsOf(ecsTemplate(roles))).toEqual([
      'task_definition.executionRoleArn',
      'task_run_request.overrides.taskRoleArn',
    ])
  })
})

describe('a template of fixed values', () => {
  it('overrides job variables that it does not reference', () => {
    const template = fixed({
      command: ['python', 'main.py'],
      env: { MODE: 'fixed' },
      task_definition: { containerDefinitions: [{ name: 'worker', image: 'fixed:1' }], cpu: '256', memory: '512' },
      task_run_request: { launchType: 'EC2', tags: [{ key: 'team', value: 'a' }] },
    })
    const { job, variables } = planned(template, {
      image: 'other',
      cpu: 4096,
      command: 'rm -rf',
      launch_type: 'FARGATE',
    })
    expect(job).toMatchObject({ command: ['python', 'main.py'], image: 'fixed:1', cpu: 256, memoryMib: 512 })
    expect(variables).toMatchObject({ container_name: 'worker', launch_type: 'EC2', labels: { team: 'a' } })
    // The given environment overrides the template's own (Prefect's rule).
    expect(planned(template, { env: { X: '1' } }).job.env).toEqual({ MODE: 'fixed', X: '1' })
  })

  it.each<[string, Variables, Variables]>([
    ['command of the override', { task_run_request: overriding({ command: 'a b' }) }, { command: ['a', 'b'] }],
    ['command of the definition', defining({ command: ['a'] }), { command: ['a'] }],
    ['cpu of the overrides', { task_run_request: { overrides: { cpu: '512' } }, cpu: 256 }, { cpu: 512 }],
    ['memory of the container', defining({ memory: 512 }), { memoryMib: 512 }],
    ['env of the definition, as pairs', defining({ environment: [{ name: 'A', value: 1 }] }), { env: { A: '1' } }],
    [
      'env of all three, the configuration first; null unsets',
      {
        ...defining({ environment: { A: 'definition', B: 'definition', C: 'definition' } }),
        task_run_request: overriding({ environment: [{ name: 'B', value: 'override' }] }),
        env: { C: null },
      },
      { env: { A: 'definition', B: 'override' } },
    ],
  ])('applies the %s', (_what, configuration, job) => {
    const plan = planned(fixed(configuration))
    expect(plan.problems).toEqual([])
    expect(plan.job).toMatchObject(job)
  })

  it('passes through ECS settings that no job variable covers', () => {
    const { extras, problems } = planned(
      fixed({
        task_definition: {
          ephemeralStorage: { sizeInGiB: 50 },
          volumes: [{ name: 'scratch' }],
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          containerDefinitions: [{ name: 'main', image: 'a', stopTimeout: 60, ulimits: [] }],
        },
        task_run_request: { platformVersion: '1.4.0', overrides: { ephemeralStorage: { sizeInGiB: 60 } } },
        cloudwatch_logs_prefix: 'team',
        cloudwatch_logs_options: { mode: 'non-blocking' },
      }),
    )
    expect(problems).toEqual([])
    expect(extras).toEqual({
      container: { stopTimeout: 60, ulimits: [] },
      containerOverride: {},
      sidecars: [],
      definition: { ephemeralStorage: { sizeInGiB: 50 }, volumes: [{ name: 'scratch' }] },
      request: { platformVersion: '1.4.0' },
      overrides: { ephemeralStorage: { sizeInGiB: 60 } },
      logOptions: { 'awslogs-stream-prefix': 'team', mode: 'non-blocking' },
    })
  })

  it.each<[string, Variables]>([
    ['task_definition.containerDefinitions.0.privileged', defining({ privileged: true })],
    ['task_definition.containerDefinitions.0.linuxParameters', defining({ linuxParameters: {} })],
    ['task_definition.containerDefinitions.0.logConfiguration', defining({ logConfiguration: { logDriver: 'x' } })],
    ['task_definition.taskRoleArn', { task_definition: { taskRoleArn: 'arn' } }],
    ['task_definition.pidMode', { task_definition: { pidMode: 'host' } }],
    ['task_definition.volumes.host', { task_definition: { volumes: [{ name: 'a', host: { sourcePath: '/' } }] } }],
    ['task_definition.runtimePlatform.operatingSystemFamily', windows()],
    ['task_run_request.enableExecuteCommand', { task_run_request: { enableExecuteCommand: true } }],
    ['task_run_request.overrides.executionRoleArn', { task_run_request: { overrides: { executionRoleArn: 'arn' } } }],
    ['execution_role_arn', { execution_role_arn: 'arn' }],
    ['cloudwatch_logs_options.awslogs-group', { cloudwatch_logs_options: { 'awslogs-group': 'other' } }],
    ['container_name', { ...defining({ name: 'a' }), container_name: 'b' }],
    [
      'task_run_request.overrides.containerOverrides',
      { task_run_request: overriding({ name: 'other' }, { name: 'b' }) },
    ],
    ['env', { env: 'A=1' }],
    ['env', defining({ environment: ['A'] })],
    ['cpu', { task_definition: { cpu: 'lots' } }],
  ])('rejects %s rather than dropping it', (variable, configuration) => {
    expect(problemsOf(fixed(configuration))).toContain(variable)
  })
})
function defining(container: Variables): Variables {
  return { task_definition: { containerDefinitions: [container] } }
}
function overriding(...containerOverrides: Variables[]): Variables {
  return { overrides: { containerOverrides } }
}
function windows(): Variables {
  return { task_definition: { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } } }
}

describe('several containers', () => {
  const log = { name: 'log', image: 'fluent:1', command: 'run it', environment: { A: 1, B: null }, essential: false }

  it('are the main one, and sidecars that follow their definitions', () => {
    const { job, variables, extras, problems } = planned(withContainers(log, { name: 'prefect', image: 'job:1' }))
    expect(problems).toEqual([])
    expect(job.image).toBe('job:1')
    expect(variables.container_name).toBe('prefect')
    expect(extras.sidecars).toEqual([
      {
        name: 'log',
        image: 'fluent:1',
        command: ['run', 'it'],
        environment: [{ name: 'A', value: '1' }],
        essential: false,
      },
    ])
  })

  it("are told apart by the given name, else Prefect's, else their order", () => {
    const chosen = (...containers: Variables[]) => planned(withContainers(...containers)).variables.container_name
    expect(chosen({ name: 'first', image: 'a' }, log)).toBe('first')
    expect(chosen(log, { name: 'prefect', image: 'a' })).toBe('prefect')
    expect(chosen({ image: 'a' })).toBe('main')
    const named = { ...withContainers(log, { name: 'job', image: 'a' }) }
    expect(
      planned({ ...named, job_configuration: { ...named.job_configuration, container_name: 'job' } }).job.image,
    ).toBe('a')
  })

  it.each<[string, Variables]>([
    ['image', { name: 'x' }],
    ['privileged', { ...log, privileged: true }],
    ['command', { ...log, command: "echo 'open" }],
    ['environment', { ...log, environment: 'A=1' }],
  ])('report an invalid %s', (member, container) => {
    expect(problemsOf(withContainers({ name: 'prefect', image: 'a' }, container))).toEqual([
      `task_definition.containerDefinitions.1.${member}`,
    ])
  })
})

it('a template without a configuration leaves job variables as they are, references included', () => {
  const { variables, problems } = planned({}, { command: ['echo', '{{ prefect.variables.x }}'] })
  expect(variables).toEqual({ command: ['echo', '{{ prefect.variables.x }}'] })
  expect(problems).toEqual([])
})
