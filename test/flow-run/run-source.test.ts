import { describe, expect, it } from 'vitest'
import type { FlowRunFilter } from '#shared/flow-run/flow-run-filter.ts'
import { chooseSource, defaultSort } from '#shared/flow-run/run-source.ts'
import type { Scope } from '#shared/flow-run/scope.ts'
import type { StateType } from '#shared/flow-run/state.ts'

const running: StateType[] = ['RUNNING']

describe('where runs are read from', () => {
  const cases: [string, FlowRunFilter, Scope, object][] = [
    ['everything', {}, {}, { kind: 'time' }],
    [
      'ids before anything else',
      { id: { any_: ['a'] }, state: { type: { any_: running } } },
      {},
      { kind: 'ids', runIds: ['a'] },
    ],
    ['excluded ids', { id: { not_any_: ['a'] } }, {}, { kind: 'time' }],
    ['a deployment', { deployment_id: { any_: ['d'] } }, {}, { kind: 'deployments', deploymentIds: ['d'] }],
    ['a deployment of the scope', {}, { deploymentIds: new Set(['d']) }, { kind: 'deployments', deploymentIds: ['d'] }],
    [
      'deployments of both filter and scope',
      { deployment_id: { any_: ['d', 'e'] } },
      { deploymentIds: new Set(['e', 'f']) },
      { kind: 'deployments', deploymentIds: ['e'] },
    ],
    ['a deployment or none', { deployment_id: { operator: 'or_', any_: ['d'], is_null_: true } }, {}, { kind: 'time' }],
    ['active states', { state: { type: { any_: running } } }, {}, { kind: 'states', types: running }],
    ['late runs', { state: { name: { any_: ['Late'] } } }, {}, { kind: 'states', types: ['SCHEDULED'] }],
    ['any other state name', { state: { name: { any_: ['Late', 'Mine'] } } }, {}, { kind: 'time' }],
    ['terminal states', { state: { type: { any_: ['COMPLETED'] } } }, {}, { kind: 'ends', types: ['COMPLETED'] }],
    ['active and terminal states', { state: { type: { any_: ['COMPLETED', 'RUNNING'] } } }, {}, { kind: 'time' }],
    ['no states', { state: { type: { any_: [] } } }, {}, { kind: 'ends', types: [] }],
    [
      "Prefect 2's filter for cancelling runs",
      { state: { type: { any_: ['CANCELLED'] }, name: { any_: ['Cancelling'] } } },
      {},
      { kind: 'ids', runIds: [] },
    ],
    [
      'runs of the scope',
      {},
      { runIds: new Set(['a']), deploymentIds: new Set(['d']) },
      { kind: 'ids', runIds: ['a'] },
    ],
    [
      'scheduled runs by name',
      { state: { name: { any_: ['Scheduled'] } } },
      {},
      { kind: 'states', types: ['SCHEDULED'] },
    ],
    ['a type or a name', { state: { operator: 'or_', type: { any_: running } } }, {}, { kind: 'time' }],
    ['any state but some', { state: { type: { not_any_: running } } }, {}, { kind: 'time' }],
    [
      'cancelled runs, or those by that name',
      { state: { operator: 'or_', type: { any_: ['CANCELLED'] }, name: { any_: ['Cancelling'] } } },
      {},
      { kind: 'time' },
    ],
    ['cancelled runs', { state: { type: { any_: ['CANCELLED'] } } }, {}, { kind: 'ends', types: ['CANCELLED'] }],
    [
      'cancelled runs of another name as well',
      { state: { type: { any_: ['CANCELLED'] }, name: { any_: ['Cancelling', 'Mine'] } } },
      {},
      { kind: 'ends' },
    ],
    [
      'failed runs as well, by that name',
      { state: { type: { any_: ['CANCELLED', 'FAILED'] }, name: { any_: ['Cancelling'] } } },
      {},
      { kind: 'ends' },
    ],
    ['that name of any type', { state: { name: { any_: ['Cancelling'] } } }, {}, { kind: 'time' }],
    ['that name of no type', { state: { type: { any_: [] }, name: { any_: ['Cancelling'] } } }, {}, { kind: 'ends' }],
    ['no name', { state: { type: { any_: ['CANCELLED'] }, name: { any_: [] } } }, {}, { kind: 'ends' }],
    [
      'as many deployments as are read each',
      {},
      { deploymentIds: new Set(Array.from({ length: 50 }, (_, n) => String(n))) },
      { kind: 'deployments' },
    ],
    ['a time', { expected_start_time: { after_: 1, before_: 2 } }, {}, { kind: 'time', from: 1, to: 2 }],
    ['an or_ filter', { operator: 'or_', id: { any_: ['a'] } }, {}, { kind: 'time' }],
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

it('lists are by expected start, and of runs that ended by their end', () => {
  const time = { kind: 'time' as const }
  expect(defaultSort(time)).toBe('EXPECTED_START_TIME_DESC')
  expect(defaultSort({ kind: 'ends', types: ['FAILED'], otherwise: time })).toBe('END_TIME_DESC')
  expect(defaultSort({ kind: 'states', types: running, otherwise: time })).toBe('EXPECTED_START_TIME_DESC')
})
