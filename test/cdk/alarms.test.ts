import type { Template } from 'aws-cdk-lib/assertions'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { METRICS_NAMESPACE } from '../../cdk/metrics.ts'
import * as observe from '../../functions/observe.ts'
import { resourcesOf, templateOf } from '../support/stack.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:on-call'
let template: Template
beforeAll(() => {
  template = templateOf({ alarmTopicArn: TOPIC })
})

const operationsGuide = () => readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8')

/** Names that the service counts under; those made up from a value only by how they begin. */
function countedNames(): string[] {
  const files = globSync(['shared/engine/*.ts', 'functions/**/*.ts'], { cwd: ROOT })
  const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  return [...code.matchAll(/metrics\.count\((.+)/g)].flatMap(([, rest]) =>
    [...(rest ?? '').matchAll(/['`]([A-Z]\w+)/g)].map(([, name]) => name ?? ''),
  )
}

const alarms = () => resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const nameOf = (description: unknown) => /operations\.md, (\w+)\.$/.exec(String(description))?.[1] ?? ''

describe('alarms', () => {
  it('watch what must not be missed, and are no more than CloudWatch gives for nothing', () => {
    const names = alarms().map(({ AlarmDescription }) => nameOf(AlarmDescription))
    expect(names).toEqual([
      'WakeUpsDead',
      'TaskEventsDead',
      'TicksDead',
      'TaskEventsLate',
      'SlotDrift',
      'UnexpectedErrors',
      'StorageBusy',
      'DispatcherFailing',
      'SweepFailing',
      'TicksMissing',
    ])
  })

  it('are each explained in the operations guide', () => {
    const guide = operationsGuide()
    for (const { AlarmDescription } of alarms()) expect(guide).toContain(`**${nameOf(AlarmDescription)}**`)
  })

  it('tell the topic when they go off and when it is over', () => {
    for (const alarm of alarms()) expect(alarm).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] })
  })

  it('watch every dead-letter queue', () => {
    const watched = alarms().flatMap(({ Dimensions }) => (Dimensions as { Value: { 'Fn::GetAtt'?: string[] } }[]) ?? [])
    const dead = resourcesOf(template, 'AWS::SQS::Queue').filter(([, { Properties }]) => !Properties.RedrivePolicy)
    for (const [id] of dead) expect(watched.map(({ Value }) => Value['Fn::GetAtt']?.[0])).toContain(id)
  })
})

describe('metrics', () => {
  it('that alarms and the dashboard show are those that the service counts', () => {
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

  it('are looked for under the name that each function counts under', () => {
    const services = alarms().flatMap(({ Namespace, Dimensions }) =>
      Namespace === METRICS_NAMESPACE ? Dimensions : [],
    )
    for (const each of services)
      expect(each).toMatchObject({ Name: 'service', Value: expect.stringMatching(/^pushpool-/) })
  })
})
