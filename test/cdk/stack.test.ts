import { Match, type Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { TTL_ATTRIBUTE, tableDefinition } from '#shared/storage/dynamo/table.ts'
import { SHAPES } from '../../cdk/function-shapes.ts'
import { resourcesOf, templateOf } from '../support/stack.ts'

let template: Template
beforeAll(() => {
  template = templateOf()
})

const propertiesOf = (type: string) => resourcesOf(template, type).map(([, { Properties }]) => Properties)

describe('the API', () => {
  it('has no route without the authorizer', () => {
    const routes = propertiesOf('AWS::ApiGatewayV2::Route')
    expect(routes).toMatchObject([{ RouteKey: '$default', AuthorizationType: 'CUSTOM' }])
    expect(routes[0]).toHaveProperty('AuthorizerId')
  })

  it('caches no authorization: decisions depend on the path, and a revoked key counts at once', () => {
    expect(propertiesOf('AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      {
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        AuthorizerResultTtlInSeconds: 0,
        IdentitySource: [],
      },
    ])
  })

  it('requires keys', () => {
    const variables = propertiesOf('AWS::Lambda::Function')
      .filter(({ Description }) =>
        [SHAPES.api.description, SHAPES.authorizer.description].includes(Description as never),
      )
      .map(({ Environment }) => Environment)
    const asking = { Variables: { REQUIRE_KEYS: 'true' } }
    expect(variables).toMatchObject([asking, asking])
  })

  it('is throttled as a whole, and logs only ids and figures', () => {
    const [stage] = propertiesOf('AWS::ApiGatewayV2::Stage')
    expect(stage).toMatchObject({ DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1_000 } })
    const { Format } = (stage?.AccessLogSettings ?? {}) as { Format: string }
    expect(Object.keys(JSON.parse(Format) as object)).toContain('keyId')
    expect(Format).not.toMatch(/authorization|querystring|requestBody|header/i)
  })
})

describe('the table', () => {
  it('is the one that the service reads and writes, and outlives the stack', () => {
    const [[, table] = []] = resourcesOf(template, 'AWS::DynamoDB::GlobalTable')
    const { TableName: _, ...definition } = tableDefinition('any')
    expect(table?.Properties).toMatchObject(definition)
    expect(table?.Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      SSESpecification: { SSEEnabled: true },
      Replicas: [
        { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ],
    })
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
  })
})

describe('queues', () => {
  it('are encrypted, and accept only TLS', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue')
    expect(queues).toHaveLength(5)
    for (const [, { Properties }] of queues) expect(Properties.SqsManagedSseEnabled).toBe(true)
    for (const [id] of queues) {
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        Queues: [{ Ref: id }],
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      })
    }
  })

  it('move messages that failed five times to a dead-letter queue', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue')
    const redrives = queues.flatMap(([, { Properties }]) => Properties.RedrivePolicy ?? [])
    expect(redrives).toMatchObject([{ maxReceiveCount: 5 }, { maxReceiveCount: 5 }])
  })

  it('hide a message for six function timeouts, and accept partial batch failures', () => {
    const mappings = propertiesOf('AWS::Lambda::EventSourceMapping')
    const seconds = mappings.map(({ EventSourceArn, FunctionName, FunctionResponseTypes }) => {
      expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
      const queueId = (EventSourceArn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0] ?? ''
      const queue = template.findResources('AWS::SQS::Queue')[queueId]
      const lambda = template.findResources('AWS::Lambda::Function')[(FunctionName as { Ref: string }).Ref]
      return [queue?.Properties.VisibilityTimeout, lambda?.Properties.Timeout] as [number, number]
    })
    expect(seconds).toHaveLength(2)
    for (const [visibility, timeout] of seconds) expect(visibility).toBeGreaterThanOrEqual(6 * timeout)
  })

  it('run no more than two dispatchers', () => {
    const limits = propertiesOf('AWS::Lambda::EventSourceMapping').map(({ ScalingConfig }) => ScalingConfig)
    expect(limits).toContainEqual({ MaximumConcurrency: 2 })
  })
})

describe('events', () => {
  const rules = () => propertiesOf('AWS::Events::Rule')

  it('reach their targets: nothing that delivers them is switched off', () => {
    expect(rules().map(({ State }) => State)).toEqual(['ENABLED', 'ENABLED'])
    const mappings = propertiesOf('AWS::Lambda::EventSourceMapping')
    expect(mappings.filter(({ Enabled }) => Enabled === false)).toEqual([])
  })

  it('tick every minute, for dispatcher and sweeper, with a dead-letter queue', () => {
    const tick = rules().find(({ ScheduleExpression }) => ScheduleExpression === 'rate(1 minute)')
    const targets = tick?.Targets as { DeadLetterConfig?: unknown }[]
    expect(targets).toHaveLength(2)
    for (const target of targets) expect(target.DeadLetterConfig).toBeDefined()
    expect(propertiesOf('AWS::Lambda::EventInvokeConfig')).toHaveLength(2)
  })

  it('report the ECS tasks of this cluster, and of no other', () => {
    const rule = rules().find(({ EventPattern }) => EventPattern)
    const [clusterId] = resourcesOf(template, 'AWS::ECS::Cluster')[0] ?? []
    expect(rule?.EventPattern).toEqual({
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { clusterArn: [{ 'Fn::GetAtt': [clusterId, 'Arn'] }], lastStatus: ['RUNNING', 'STOPPED'] },
    })
    expect(rule?.Targets).toMatchObject([{ DeadLetterConfig: {} }])
  })
})

describe('functions', () => {
  it('run on Node 24 on arm64, each with a log group that expires after 90 days', () => {
    const functions = propertiesOf('AWS::Lambda::Function')
    expect(functions).toHaveLength(Object.keys(SHAPES).length)
    for (const each of functions) {
      expect(each).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], LoggingConfig: { LogGroup: {} } })
    }
    for (const each of propertiesOf('AWS::Logs::LogGroup')) expect(each.RetentionInDays).toBe(90)
  })

  it('have no reserved concurrency: a new account has too little for that', () => {
    const reserved = (each: Template) =>
      resourcesOf(each, 'AWS::Lambda::Function').flatMap(
        ([, { Properties }]) => Properties.ReservedConcurrentExecutions ?? [],
      )
    expect(reserved(template)).toEqual([])
    expect(reserved(templateOf({ reserveConcurrency: 'true' }))).toHaveLength(3)
  })
})

describe('tasks', () => {
  it('accept no inbound connections, and cost nothing while none runs', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 0)
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0)
    for (const group of propertiesOf('AWS::EC2::SecurityGroup')) expect(group.SecurityGroupIngress).toBeUndefined()
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0)
  })
})
