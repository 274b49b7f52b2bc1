import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { Context } from '../../cdk/context.ts'
import { PushPool } from '../../cdk/push-pool.ts'
import { PushPoolStack } from '../../cdk/stack.ts'
import { rightsOf } from '../support/rights.ts'
import { newApp, resourcesOf, standInBundles, templateOf } from '../support/stack.ts'

const ACCOUNT = 'arn:aws:%:eu-west-1:123456789012:'
const arn = (service: string, rest: string) => ACCOUNT.replace('%', service) + rest

/** The environment of the dispatcher, without what CloudFormation fills in. */
function launching(template: Template): Record<string, unknown> {
  const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties)
  const environments = functions.map(
    ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
  )
  return environments.find(({ CLUSTER_ARN }) => CLUSTER_ARN) ?? {}
}

describe('a disposable stack', () => {
  it('leaves nothing behind', () => {
    const stack = new PushPoolStack(newApp({ throwaway: 'true' }), { bundles: standInBundles() })
    const template = Template.fromStack(stack)
    expect(stack.terminationProtection).toBe(false)
    const resources = Object.values(template.toJSON().Resources as Record<string, { DeletionPolicy?: string }>)
    expect(resources.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toEqual([])
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })],
    })
  })

  it('is not the default: the stack is protected, and keeps its table and all logs', () => {
    const stack = new PushPoolStack(newApp(), { bundles: standInBundles() })
    expect(stack.terminationProtection).toBe(true)
    const kept = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Record<string, string>>)
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
      .map(({ Type }) => Type)
    expect(new Set(kept)).toEqual(new Set(['AWS::DynamoDB::GlobalTable', 'AWS::Logs::LogGroup']))
    // Five functions, the API's access and the tasks.
    expect(kept).toHaveLength(8)
  })
})

describe('an existing', () => {
  it('VPC is used as it is: no other is created, and ECS tasks get no public address by default', () => {
    const own = { vpcId: 'vpc-1', subnetIds: 'subnet-a, subnet-b' }
    const template = templateOf(own)
    template.resourceCountIs('AWS::EC2::VPC', 0)
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-1' })
    expect(launching(template)).toMatchObject({ SUBNET_IDS: 'subnet-a,subnet-b', ASSIGN_PUBLIC_IP: 'false' })
    const more = templateOf({ ...own, securityGroupIds: ['sg-1'], assignPublicIp: true })
    more.resourceCountIs('AWS::EC2::SecurityGroup', 0)
    expect(launching(more)).toMatchObject({ SECURITY_GROUP_IDS: 'sg-1', ASSIGN_PUBLIC_IP: 'true' })
  })

  it('cluster is the only one whose ECS tasks are run and observed', () => {
    const clusterArn = arn('ecs', 'cluster/mine')
    const template = templateOf({ clusterArn })
    template.resourceCountIs('AWS::ECS::Cluster', 0)
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ detail: Match.objectLike({ clusterArn: [clusterArn] }) }),
    })
    expect(launching(template)).toMatchObject({ CLUSTER_ARN: clusterArn })
    const rights = rightsOf(template).filter(({ actions }) =>
      actions.some((action) => /^ecs:(Run|Stop)Task/.test(action)),
    )
    expect(rights).toHaveLength(4)
    for (const { conditions } of rights) expect(conditions).toEqual([`ecs:cluster ArnEquals ${clusterArn}`])
    const stop = rights.find(({ actions }) => actions.includes('ecs:StopTask'))
    expect(stop?.resources).toEqual(['arn:partition:ecs:region:accountid:task/mine/*'])
  })

  it("table, restored from a backup, replaces the stack's own", () => {
    const template = templateOf({ tableName: 'pushpool-restored' })
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 0)
    expect(launching(template)).toMatchObject({ TABLE_NAME: 'pushpool-restored' })
    const reading = rightsOf(template).find(({ actions }) => actions.includes('dynamodb:Query'))
    const table = 'arn:partition:dynamodb:region:accountid:table/pushpool-restored'
    expect(reading?.resources.slice(0, 2)).toEqual([table, `${table}/index/phase`])
  })

  it('roles are passed to ECS tasks, and left unchanged', () => {
    const roles = {
      taskRoleArn: 'arn:aws:iam::123456789012:role/task',
      executionRoleArn: 'arn:aws:iam::123456789012:role/x',
    }
    const template = templateOf(roles)
    const passing = rightsOf(template).filter(({ actions }) => actions.includes('iam:PassRole'))
    for (const { resources } of passing) expect(resources).toEqual(Object.values(roles))
    expect(rightsOf(template).map(({ role }) => role)).not.toContain('ComputeExecutionRole')
  })

  it('domain is the only endpoint', () => {
    const template = templateOf({ domainName: 'pools.example.com', certificateArn: arn('acm', 'certificate/1') })
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true })
    template.hasOutput('ApiUrl', { Value: 'https://pools.example.com/api' })
    template.hasOutput('DomainTarget', {})
    expect(launching(template).API_URL).toBe('https://pools.example.com/api')
  })
})

describe('secrets', () => {
  it('that ECS tasks may receive are what ECS may read, and nothing else', () => {
    const key = arn('secretsmanager', 'secret:key-AbCdEf')
    const parameters = arn('ssm', 'parameter/jobs/*')
    const template = templateOf({ apiKeySecretArn: key, allowedSecretArns: parameters })
    expect(launching(template)).toMatchObject({ API_KEY_SECRET_ARN: key, ALLOWED_SECRET_ARNS: parameters })
    const reading = rightsOf(template).filter(({ actions }) => /^(secretsmanager|ssm):/.test(actions[0] ?? ''))
    expect(reading).toMatchObject([
      { role: 'ComputeExecutionRole', actions: ['secretsmanager:GetSecretValue'], resources: [key] },
      { role: 'ComputeExecutionRole', actions: ['ssm:GetParameters'], resources: [parameters] },
    ])
  })
})

describe('the launch rate of the account', () => {
  it('is divided among the dispatchers that may run at once', () => {
    expect(launching(templateOf())).toMatchObject({ LAUNCHES_PER_SECOND: '10', LAUNCH_BURST: '50' })
    const raised = launching(templateOf({ launchesPerSecond: 100, launchBurst: '250' }))
    expect(raised).toMatchObject({ LAUNCHES_PER_SECOND: '50', LAUNCH_BURST: '125' })
  })
})

describe('invalid context', () => {
  it.each([
    [{ throwaway: 'yes' }, 'throwaway: must be true or false'],
    [{ launchBurst: 'many' }, 'launchBurst: must be a number'],
    [{ vpcId: 'vpc-1' }, 'subnetIds: needed with vpcId,subnetIds'],
    [{ certificateArn: 'arn' }, 'domainName: needed with domainName,certificateArn'],
  ])('%j is rejected with the reason', (context, problem) => {
    expect(() => templateOf(context)).toThrow(problem)
  })

  it('is found before deployment, by the schema of the function that reads it', () => {
    expect(() => templateOf({ apiKeySecretArn: 'my-secret' })).toThrow(/dispatcher: API_KEY_SECRET_ARN: must be an ARN/)
  })

  it('is avoided by the operations guide, which explains each key', () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8')
    const settings = guide.split('\n## ').find((part) => part.startsWith('Settings')) ?? ''
    const keys = [...settings.matchAll(/^\| `([a-z]\w*)` \|/gm)].map(([, key]) => key)
    expect(new Set(keys)).toEqual(new Set(Object.keys(Context.shape)))
  })
})

describe('the PushPool construct', () => {
  it("fits into another app's stack, any number of times", () => {
    const stack = new Stack(newApp(), 'Theirs')
    const bundles = standInBundles()
    for (const id of ['Blue', 'Green']) new PushPool(stack, id, { bundles, throwaway: true })
    const template = Template.fromStack(stack)
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 2)
    const families = rightsOf(template)
      .filter(({ actions }) => actions.includes('ecs:RunTask'))
      .flatMap(({ resources }) => resources)
    expect(new Set(families).size).toBe(2)
  })

  it('says how to build the bundles when they are missing', () => {
    expect(() => templateOf({}, '/nowhere')).toThrow(/npm run bundle/)
  })
})
