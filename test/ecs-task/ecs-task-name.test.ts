import { expect, it } from 'vitest'
import { ecsTaskNameOf } from '#shared/ecs-task/ecs-task-name.ts'
import { formatInstant } from '#shared/instant.ts'
import { aFlow } from '../support/fixtures/a-flow.ts'
import { aRun, at, DEPLOYMENT_ID, FLOW_ID, QUEUE_ID, RUN_ID, someDetails } from '../support/fixtures/a-run.ts'

const details = someDetails({
  name: 'brisk-otter',
  tags: ['a'],
  labels: { l: 1 },
  parameters: { p: 2 },
  context: { c: 3 },
  idempotencyKey: 'key',
  autoScheduled: true,
  flowVersion: 'v1',
  deploymentVersion: 'd1',
})
const run = aRun({ details, runCount: 4, expectedStartTime: at(5) })
const flow = { ...aFlow('import'), tags: ['t'], labels: { f: 1 } }
const nameOf = (template: unknown, of: typeof flow | undefined = flow) => ecsTaskNameOf(template, run, of)

it('without a name of its own an ECS task is called like its run', () => {
  for (const template of [undefined, null, 1, '']) expect(nameOf(template)).toBe('brisk-otter')
})

it.each([
  ['flow.id', FLOW_ID],
  ['flow.name', 'import'],
  ['flow.tags', "['t']"],
  ['flow.labels', "{'f': 1}"],
  ['flow_run.id', RUN_ID],
  ['flow_run.name', 'brisk-otter'],
  ['flow_run.flow_id', FLOW_ID],
  ['flow_run.deployment_id', DEPLOYMENT_ID],
  ['flow_run.deployment_version', 'd1'],
  ['flow_run.flow_version', 'v1'],
  ['flow_run.work_queue_id', QUEUE_ID],
  ['flow_run.parameters', "{'p': 2}"],
  ['flow_run.context', "{'c': 3}"],
  ['flow_run.tags', "['a']"],
  ['flow_run.labels', "{'l': 1}"],
  ['flow_run.idempotency_key', 'key'],
  ['flow_run.auto_scheduled', 'True'],
  ['flow_run.run_count', '4'],
  ['flow_run.created', formatInstant(run.created)],
  ['flow_run.expected_start_time', formatInstant(at(5))],
])('its name may hold ctx.%s', (member, value) => {
  expect(nameOf(`x-{{ ctx.${member} }}`)).toBe(`x-${value}`)
})

it('what has no value stays as it is written', () => {
  expect(ecsTaskNameOf('{{ ctx.flow.name }}', run, undefined)).toBe('{{ ctx.flow.name }}')
})
