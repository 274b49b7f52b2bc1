import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { METRICS_NAMESPACE } from '../../cdk/metrics.ts'
import { PushPool } from '../../cdk/push-pool.ts'
import * as observe from '../../functions/runtime/observe.ts'
import { newApp, resourcesOf, standInBundles, templateOf } from '../support/stack.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:on-call'
let template: Template
beforeAll(() => {
  template = templateOf({ alarmTopicArn: TOPIC })
})

const operationsGuide = () => readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8')

/** Names of the service's metrics; computed ones only by their prefix. */
function countedNames(): string[] {
  const files = globSync(['shared/engine/**/*.ts', 'functions/**/*.ts'], { cwd: ROOT })
  const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  return [...code.matchAll(/metrics\.(?:count|seconds)\((.+)/g)].flatMap(([, rest]) =>
    [...(rest ?? '').matchAll(/['`]([A-Z]\w+)/g)].map(([, name]) => name ?? ''),
  )
}

const alarms = () => resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const nameOf = (description: unknown) => /operations\.md, (\w+)\.$/.exec(String(description))?.[1] ?? ''

describe('alarms', () => {
  it("watch what must not be missed, within CloudWatch's free tier", () => {
    const names = alarms().map(({ AlarmDescription }) => nameOf(AlarmDescription))
    expect(names).toEqual([
      'WakeUpsDead',
      'TaskEventsDead',
      'TicksDead',
      'TaskEventsLate',
      'OldestReadyRun',
      'SlotDrift',
      'UnexpectedErrors',
      'StorageBusy',
      'SweepFailing',
      'TicksMissing',
    ])
  })

  it('are each explained in the operations guide', () => {
    const guide = operationsGuide()
    for (const { AlarmDescription } of alarms()) expect(guide).toContain(`**${nameOf(AlarmDescription)}**`)
  })

  it('notify the topic when they go off and when they clear', () => {
    for (const alarm of alarms()) expect(alarm).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] })
  })

  it('watch every dead-letter queue', () => {
    const watched = alarms().flatMap(({ Dimensions }) => (Dimensions as { Value: { 'Fn::GetAtt'?: string[] } }[]) ?? [])
    const dead = resourcesOf(template, 'AWS::SQS::Queue').filter(([, { Properties }]) => !Properties.RedrivePolicy)
    for (const [id] of dead) expect(watched.map(({ Value }) => Value['Fn::GetAtt']?.[0])).toContain(id)
  })
})

describe('metrics', () => {
  it('in alarms and on the dashboard are those that the service emits', () => {
    expect(METRICS_NAMESPACE).toBe(observe.METRICS_NAMESPACE)
    const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard')
    const shown = [...JSON.stringify(dashboard).matchAll(/MetricName=\W+(\w+)/g)].map(([, name]) => name ?? '')
    const alarmed = alarms().flatMap(({ Namespace, MetricName }) => (Namespace === METRICS_NAMESPACE ? MetricName : []))
    const counted = countedNames()
    expect(shown.length).toBeGreaterThan(10)
    const unknown = [...shown, ...alarmed].map(String).filter((name) => {
      return !counted.some((each) => each === name || (each.endsWith('_') && name.startsWith(each)))
    })
    expect(unknown).toEqual([])
  })

  it('are all listed in the operations guide', () => {
    const listed = new Set([...operationsGuide().matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''))
    const unlisted = countedNames().filter((name) =>
      name.endsWith('_') ? ![...listed].some((each) => each.startsWith(name)) : !listed.has(name),
    )
    expect(unlisted).toEqual([])
  })

  it('have the dimensions that each function emits', () => {
    const own = alarms().filter(({ Namespace }) => Namespace === METRICS_NAMESPACE)
    expect(own.length).toBeGreaterThan(3)
    for (const { Dimensions } of own) {
      expect(Dimensions).toEqual([
        { Name: 'service', Value: expect.stringMatching(/^pushpool-/) as string },
        { Name: 'stack', Value: 'pushpool' },
      ])
    }
    expect(new Set(stackNames(template))).toEqual(new Set(['pushpool']))
  })

  it('are separate for several stacks in one account and region', () => {
    const other = templateOf({ stackName: 'other' })
    expect(new Set(stackNames(other))).toEqual(new Set(['other']))
    expect(JSON.stringify(resourcesOf(other, 'AWS::CloudWatch::Dashboard'))).toMatch(/stack=[\\"]+other/)
    const both = new Stack(newApp(), 'Theirs')
    const bundles = standInBundles()
    for (const id of ['Blue', 'Green']) new PushPool(both, id, { bundles })
    const names = stackNames(Template.fromStack(both))
    const seen = resourcesOf(Template.fromStack(both), 'AWS::CloudWatch::Alarm').flatMap(
      ([, { Properties }]) => dimensionsOf(Properties).find(({ Name }) => Name === 'stack')?.Value ?? [],
    )
    expect(new Set(names).size).toBe(2)
    expect(new Set(seen)).toEqual(new Set(names))
  })
})

interface Dimension {
  Name: string
  Value: unknown
}
const dimensionsOf = (properties: Record<string, unknown>) => (properties.Dimensions as Dimension[] | undefined) ?? []

/** The functions' STACK_NAME. */
function stackNames(from: Template): unknown[] {
  return resourcesOf(from, 'AWS::Lambda::Function').map(
    ([, { Properties }]) => (Properties.Environment as { Variables: Record<string, unknown> }).Variables.STACK_NAME,
  )
}
