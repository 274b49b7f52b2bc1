import { describe, expect, it } from 'vitest'
import { ecsLaunchOf } from '#shared/aws/run-task-input.ts'
import { taskSize } from '#shared/aws/task-size.ts'
import type { EcsEnv } from '#shared/config.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { classifyRefusal } from '#shared/ecs-task/launch-failure.ts'
import { ecsEnv, openEcsBench } from '../support/ecs/ecs.ts'
import { CLUSTER_ARN } from '../support/ecs/ecs-server.ts'
import { launchOf } from '../support/ecs/launches.ts'

type Variables = Record<string, unknown>

const inputOf = (configuration: Variables, env: Partial<EcsEnv> = {}) =>
  ecsLaunchOf({ ...ecsEnv, ...env }, launchOf({ configuration })).input

function definitionOf(rest: Partial<LaunchRequest>, env: Partial<EcsEnv> = {}) {
  const { taskDefinition } = ecsLaunchOf({ ...ecsEnv, ...env }, launchOf(rest))
  if (typeof taskDefinition === 'string') throw new Error('none to register')
  return taskDefinition.input
}

/** The reason, always permanent, for rejecting a launch with these job variables. */
async function refusalOf(configuration: Variables, rest: Partial<LaunchRequest> = {}): Promise<string> {
  const { server, tasks } = await openEcsBench({ ASSIGN_PUBLIC_IP: false })
  const outcome = await tasks.run(launchOf({ configuration, ...rest }))
  if (outcome.kind !== 'refused') return outcome.kind
  expect(server.calls).toEqual([])
  expect(classifyRefusal(outcome.reasons, 0).kind).toBe('permanent')
  return outcome.reasons.map(({ reason, detail }) => `${reason}: ${detail}`).join()
}

describe('where an ECS task runs', () => {
  it('is Fargate unless job variables say otherwise; a strategy excludes a launch type', () => {
    expect(inputOf({})).toMatchObject({ launchType: 'FARGATE', cluster: CLUSTER_ARN })
    expect(inputOf({ launch_type: 'EC2' })).toMatchObject({ launchType: 'EC2' })
    const spot = inputOf({ launch_type: 'FARGATE_SPOT' })
    expect(spot.capacityProviderStrategy).toEqual([{ capacityProvider: 'FARGATE_SPOT', weight: 1 }])
    expect(spot).not.toHaveProperty('launchType')
    const capacity_provider_strategy = [
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
      { capacityProvider: 'FARGATE' },
    ]
    const mixed = inputOf({ launch_type: 'FARGATE', capacity_provider_strategy })
    expect(mixed.capacityProviderStrategy).toEqual(capacity_provider_strategy)
    expect(mixed).not.toHaveProperty('launchType')
    expect(inputOf({ capacity_provider_strategy: [] })).toMatchObject({ launchType: 'FARGATE' })
  })

  it("is the operator's cluster, which may be named but not changed", async () => {
    expect(inputOf({ cluster: 'pushpool' })).toEqual({ ...inputOf({ cluster: CLUSTER_ARN }), ...sameLaunch })
    expect(await refusalOf({ cluster: 'elsewhere' })).toMatch(/^AccessDenied: job variable 'cluster'/)
  })
})

/** The fields that differ from launch to launch. */
const sameLaunch = {
  clientToken: expect.any(String) as string,
  startedBy: expect.any(String) as string,
  tags: expect.any(Array) as [],
}

describe('the network of an ECS task', () => {
  const networkOf = (configuration: Variables, env: Partial<EcsEnv> = {}) =>
    inputOf(configuration, env).networkConfiguration?.awsvpcConfiguration

  it("is the operator's unless job variables choose an allowed one", () => {
    const own = { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-tasks'], assignPublicIp: 'ENABLED' }
    expect(networkOf({})).toEqual(own)
    expect(networkOf({ network_configuration: {} })).toEqual(own)
    expect(networkOf({ network_configuration: { subnets: ['subnet-b'] } })).toEqual({ ...own, subnets: ['subnet-b'] })
    const wish = { subnets: ['subnet-x'], securityGroups: ['sg-x'], assignPublicIp: 'DISABLED' }
    const allowed = { ALLOWED_SUBNET_IDS: ['subnet-x'], ALLOWED_SECURITY_GROUP_IDS: ['sg-x'] }
    expect(networkOf({ network_configuration: wish }, allowed)).toEqual(wish)
  })

  it('may not be any other', async () => {
    expect(await refusalOf({ network_configuration: { subnets: ['subnet-a', 'subnet-x'] } })).toContain('subnet-x')
    expect(await refusalOf({ network_configuration: { securityGroups: ['sg-x'] } })).toContain('sg-x')
    expect(await refusalOf({ network_configuration: { assignPublicIp: 'ENABLED' } })).toContain('public IP addresses')
    expect(await refusalOf({ network_configuration: 'subnet-a' })).toMatch(/^InvalidParameter/)
  })

  it("is the host's outside Fargate, unless one is requested", async () => {
    expect(networkOf({ launch_type: 'EC2' })).toBeUndefined()
    expect(definitionOf({ configuration: { launch_type: 'EC2' } })).toMatchObject({
      networkMode: 'bridge',
      requiresCompatibilities: ['EC2'],
    })
    const configuration = { launch_type: 'EC2', network_configuration: { subnets: ['subnet-a'] } }
    expect(networkOf(configuration)).toMatchObject({ subnets: ['subnet-a'], assignPublicIp: 'DISABLED' })
    expect(definitionOf({ configuration })).toMatchObject({ networkMode: 'awsvpc' })
    const { tasks } = await openEcsBench()
    expect(await tasks.run(launchOf({ configuration: { launch_type: 'EC2' } }))).toMatchObject({ kind: 'started' })
  })
})

describe('job variables', () => {
  it('do not choose the roles', () => {
    const roles = { task_role_arn: 'arn:aws:iam::1:role/admin', execution_role_arn: 'arn:aws:iam::1:role/admin' }
    const launch = ecsLaunchOf(ecsEnv, launchOf({ configuration: roles }))
    expect(JSON.stringify(launch)).not.toContain('role/admin')
  })

  it('must name an image when the operator has no default', async () => {
    expect(await refusalOf({}, { image: null })).toContain("job variable 'image' is required")
    const image = definitionOf({ image: null }, { DEFAULT_IMAGE: 'ours:1' }).containerDefinitions?.[0]?.image
    expect(image).toBe('ours:1')
  })
})

describe('secrets', () => {
  const API_KEY_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:1:secret:key'
  const secretsOf = (rest: Partial<LaunchRequest>, env: Partial<EcsEnv>) =>
    definitionOf(rest, env).containerDefinitions?.[0]?.secrets

  it('are references to the API key and to what the operator allows', () => {
    const own = [
      { name: 'PREFECT_API_KEY', valueFrom: API_KEY_SECRET_ARN },
      { name: 'PUSHPOOL_API_KEY', valueFrom: API_KEY_SECRET_ARN },
    ]
    expect(secretsOf({}, {})).toEqual([])
    expect(secretsOf({}, { API_KEY_SECRET_ARN })).toEqual(own)
    const secrets = { DATABASE: 'arn:aws:ssm:us-east-1:1:parameter/jobs/database' }
    const ALLOWED_SECRET_ARNS = ['arn:aws:ssm:us-east-1:1:parameter/jobs/*']
    const allowed = secretsOf({ configuration: { secrets } }, { API_KEY_SECRET_ARN, ALLOWED_SECRET_ARNS })
    expect(allowed).toEqual([{ name: 'DATABASE', valueFrom: secrets.DATABASE }, ...own])
  })

  it('may not be any others', async () => {
    const secret = 'arn:aws:ssm:us-east-1:1:parameter/root'
    expect(await refusalOf({ secrets: { ROOT: secret } })).toContain(secret)
    expect(await refusalOf({ prefect_api_key_secret_arn: secret })).toMatch(/^AccessDenied.*PREFECT_API_KEY/)
  })

  it('give way to a plain value, since ECS rejects duplicate names', () => {
    const secrets = secretsOf({ env: { PREFECT_API_KEY: 'plain' } }, { API_KEY_SECRET_ARN })
    expect(secrets).toEqual([{ name: 'PUSHPOOL_API_KEY', valueFrom: API_KEY_SECRET_ARN }])
  })
})

it('tags name the run and its labels, as far as ECS accepts them', () => {
  const labels = { 'team name': 'Blüte & Co', 'aws:secret': 'no', nested: {}, ...Object.fromEntries(manyLabels()) }
  const tags = inputOf({ labels }).tags ?? []
  expect(tags).toHaveLength(50)
  expect(tags.at(-2)?.key).toBe('pushpool:run')
  expect(inputOf({ labels: { 'team name': 'Blüte & Co', 'aws:x': 'no', nested: {} } }).tags?.[0]).toEqual({
    key: 'team name',
    value: 'Blüte - Co',
  })
})

it('labels that are numbers or truth values become text in tags', () => {
  const { tags = [] } = inputOf({ labels: { 'cost-center': 4711, billable: true, nested: [1] } })
  expect(tags).toContainEqual({ key: 'cost-center', value: '4711' })
  expect(tags).toContainEqual({ key: 'billable', value: 'true' })
  expect(tags.some(({ key }) => key === 'nested')).toBe(false)
})

it("the job's own labels take precedence over those that name the run's parents", () => {
  const identity = { 'prefect.io/flow-name': 'import', 'prefect.io/deployment-name': 'nightly' }
  const { tags = [] } = ecsLaunchOf(
    ecsEnv,
    launchOf({ labels: identity, configuration: { labels: { 'prefect.io/flow-name': 'mine' } } }),
  ).input
  expect(tags).toContainEqual({ key: 'prefect.io/flow-name', value: 'mine' })
  expect(tags).toContainEqual({ key: 'prefect.io/deployment-name', value: 'nightly' })
})
function* manyLabels(): Generator<[string, string]> {
  for (let n = 0; n < 60; n += 1) yield [`label-${n}`, 'x']
}

it.each([
  [null, null, '1024', '2048'],
  [256, null, '256', '512'],
  [16_384, null, '16384', '32768'],
  [null, 512, '256', '512'],
  [null, 1_024, '256', '1024'],
  [null, 8_192, '1024', '8192'],
  [null, 31_744, '8192', '31744'],
  [null, 122_880, '16384', '122880'],
  [300, 5, '300', '5'],
])('an ECS task of %j CPU units and %j MiB gets %s and %s', (cpu, memoryMib, units, memory) => {
  expect(taskSize(cpu, memoryMib)).toEqual({ cpu: units, memory })
})
