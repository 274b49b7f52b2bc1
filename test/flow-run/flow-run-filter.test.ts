import { describe, expect, it } from 'vitest'
import { type FlowRunFilter, matchesRun } from '#shared/flow-run/flow-run-filter.ts'
import { newState } from '#shared/flow-run/state.ts'
import { aRun, at, DEPLOYMENT_ID, QUEUE_ID, RUN_ID, runIn, someDetails, T0 } from '../support/fixtures/a-run.ts'

const context = { now: at(1), queues: new Map([[QUEUE_ID, { name: 'work' }]]) }
const createdBy = { id: DEPLOYMENT_ID, type: 'SCHEDULE', display_value: 'nightly' }
const details = someDetails({
  name: 'brisk-otter',
  tags: ['a', 'b'],
  flowVersion: 'v1',
  idempotencyKey: 'key',
  createdBy,
})
const run = aRun({ details })

describe('a filter on runs', () => {
  const cases: [string, FlowRunFilter, boolean][] = [
    ['nothing', {}, true],
    ['its id', { id: { any_: [RUN_ID] } }, true],
    ['another id', { id: { any_: ['x'] } }, false],
    ['not its id', { id: { not_any_: [RUN_ID] } }, false],
    ['its name', { name: { any_: ['brisk-otter'] } }, true],
    ['part of its name', { name: { like_: 'OTTER' } }, true],
    ['its tags', { tags: { all_: ['a', 'b'] } }, true],
    ['one wrong tag', { tags: { all_: ['a', 'c'] } }, false],
    ['one of its tags', { tags: { any_: ['c', 'a'] } }, true],
    ['no tags', { tags: { is_null_: true } }, false],
    ['its deployment', { deployment_id: { any_: [DEPLOYMENT_ID] } }, true],
    ['no deployment', { deployment_id: { is_null_: true } }, false],
    ['its queue', { work_queue_name: { any_: ['work'] } }, true],
    ['its version', { flow_version: { any_: ['v1'] } }, true],
    ['its key', { idempotency_key: { not_any_: ['key'] } }, false],
    ['its creator', { created_by: { id_: [DEPLOYMENT_ID], type_: ['SCHEDULE'] } }, true],
    ['another creator', { created_by: { type_: ['AUTOMATION'] } }, false],
    ['one creator or another', { created_by: { operator: 'or_', id_: ['x'], type_: ['SCHEDULE'] } }, true],
    ['no creator', { created_by: { is_null_: true } }, false],
    ['no parent', { parent_task_run_id: { is_null_: true } }, true],
    ['a parent run', { parent_flow_run_id: { any_: [RUN_ID] } }, false],
    ['a missing start time', { start_time: { is_null_: true } }, true],
    ['its expected start time', { start_time: { before_: at(1), after_: T0 } }, true],
    ['a later start time', { start_time: { after_: at(1) } }, false],
    ['no end yet', { end_time: { before_: at(1) } }, false],
    ['its due time', { expected_start_time: { after_: T0, before_: T0 } }, true],
    ['a later time', { next_scheduled_start_time: { after_: at(1) } }, false],
    ['two members', { name: { any_: ['other'] }, id: { any_: [RUN_ID] } }, false],
    ['either member', { operator: 'or_', name: { any_: ['other'] }, id: { any_: [RUN_ID] } }, true],
  ]
  it.each(cases)('by %s', (_, filter, expected) => {
    expect(matchesRun(run, filter, context)).toBe(expected)
  })

  it('applies a negated key filter only to runs with a key, as Prefect does', () => {
    const keyless = aRun({ details: someDetails({ idempotencyKey: null }) })
    expect(matchesRun(run, { idempotency_key: { not_any_: ['other'] } }, context)).toBe(true)
    expect(matchesRun(keyless, { idempotency_key: { not_any_: ['other'] } }, context)).toBe(false)
    expect(matchesRun(keyless, { idempotency_key: { not_any_: [] } }, context)).toBe(true)
  })

  it('by creator finds no run without one, nor one of an odd creator', () => {
    const made = (by: Record<string, unknown> | null) => aRun({ details: someDetails({ createdBy: by }) })
    const found = (filter: FlowRunFilter['created_by'], of: Record<string, unknown> | null) =>
      matchesRun(made(of), { created_by: filter }, context)
    expect(found({ id_: ['x'] }, null)).toBe(false)
    expect(found({ type_: ['SCHEDULE'] }, null)).toBe(false)
    expect(found({ id_: ['x'] }, createdBy)).toBe(false)
    expect(found({ type_: ['1'] }, { type: 1 })).toBe(false)
    expect([found({ is_null_: true }, null), found({ is_null_: false }, null)]).toEqual([true, false])
    expect([found({ is_null_: true }, createdBy), found({ is_null_: false }, createdBy)]).toEqual([false, true])
  })

  it('by queue finds no run without one, nor in one that is gone', () => {
    const ofQueue = (queueId: string | null) =>
      matchesRun(aRun({ queueId }), { work_queue_name: { any_: ['work'] } }, context)
    expect([ofQueue(QUEUE_ID), ofQueue(null), ofQueue('gone')]).toEqual([true, false, false])
  })

  it('matches the name that a state is shown with', () => {
    const late = { state: { name: { any_: ['Late'] } } }
    const retry = newState('SCHEDULED', T0, { name: 'AwaitingRetry' })
    const ofState = (filter: FlowRunFilter, seconds: number, state = newState('SCHEDULED', T0)) =>
      matchesRun(aRun({ state }), filter, { ...context, now: at(seconds) })
    expect(ofState(late, 14)).toBe(false)
    expect(ofState(late, 15)).toBe(true)
    expect(ofState(late, 15, retry)).toBe(false)
    expect(ofState({ state: { name: { any_: ['Scheduled'] } } }, 15)).toBe(false)
    expect(ofState({ state: { type: { any_: ['SCHEDULED'] } } }, 15)).toBe(true)
  })

  it('matches both type and name of a state, or either', () => {
    const running = runIn('RUNNING')
    const type = { any_: ['RUNNING' as const] }
    const name = { any_: ['Other'] }
    expect(matchesRun(running, { state: { type, name } }, context)).toBe(false)
    expect(matchesRun(running, { state: { operator: 'or_', type, name } }, context)).toBe(true)
    expect(matchesRun(running, { state: { type: { not_any_: ['RUNNING'] } } }, context)).toBe(false)
  })
})
