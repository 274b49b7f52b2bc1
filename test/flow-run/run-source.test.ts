import { describe, expect, it } from 'vitest'
import type { FlowRunFilter } from '#shared/flow-run/flow-run-filter.ts'
import { chooseSource } from '#shared/flow-run/run-source.ts'
import type { Scope } from '#shared/flow-run/scope.ts'
import type { StateType } from '#shared/flow-run/state.ts'

const running: StateType[] = ['RUNNING']

describe('where runs are looked for', () => {
  const cases: [string, FlowRunFilter, Scope, object][] = [
    ['everything', {}, {}, { kind: 'time' }],
    [
      'ids first of all',
      { id: { any_: ['a'] }, state: { type: { any_: running } } },
      {},
      { kind: 'ids', runIds: ['a'] },
    ],
    ['exceptions name nothing', { id: { not_any_: ['a'] } }, {}, { kind: 'time' }],
    ['a deployment', { deployment_id: { any_: ['d'] } }, {}, { kind: 'deployments', deploymentIds: ['d'] }],
    ['a deployment of the scope', {}, { deploymentIds: new Set(['d']) }, { kind: 'deployments', deploymentIds: ['d'] }],
    [
      'what both say of deployments',
      { deployment_id: { any_: ['d', 'e'] } },
      { deploymentIds: new Set(['e', 'f']) },
      { kind: 'deployments', deploymentIds: ['e'] },
    ],
    ['a deployment or none', { deployment_id: { operator: 'or_', any_: ['d'], is_null_: true } }, {}, { kind: 'time' }],
    ['states that do not last', { state: { type: { any_: running } } }, {}, { kind: 'states', types: running }],
    ['the late ones', { state: { name: { any_: ['Late'] } } }, {}, { kind: 'states', types: ['SCHEDULED'] }],
    ['any other name', { state: { name: { any_: ['Late', 'Mine'] } } }, {}, { kind: 'time' }],
    ['states that last', { state: { type: { any_: ['COMPLETED'] } } }, {}, { kind: 'ends', types: ['COMPLETED'] }],
    ['states of both kinds', { state: { type: { any_: ['COMPLETED', 'RUNNING'] } } }, {}, { kind: 'time' }],
    ['no state at all', { state: { type: { any_: [] } } }, {}, { kind: 'ends', types: [] }],
    [
      'what Prefect 2 takes for cancelling',
      { state: { type: { any_: ['CANCELLED'] }, name: { any_: ['Cancelling'] } } },
      {},
      { kind: 'ids', runIds: [] },
    ],
    ['a time', { expected_start_time: { after_: 1, before_: 2 } }, {}, { kind: 'time', from: 1, to: 2 }],
    ['either of two members', { operator: 'or_', id: { any_: ['a'] } }, {}, { kind: 'time' }],
    [
      'too many deployments',
      {},
      { deploymentIds: new Set(Array.from({ length: 51 }, (_, n) => String(n))) },
      { kind: 'time' },
    ],
  ]
  it.each(cases)('%s', (_, filter, scope, expected) => {
    expect(chooseSource(filter, scope)).toMatchObject(expected)
  })
})
