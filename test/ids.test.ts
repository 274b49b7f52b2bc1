import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentIdOf } from '#shared/deployment/deployment.ts'
import { runIdFromKey } from '#shared/flow-run/ids.ts'
import { idFromName, isUuid, timeOrderedId } from '#shared/ids.ts'
import { globalLimitId, globalLimitKey } from '#shared/limit/global-limit.ts'
import { leaseOfTaskRun } from '#shared/limit/lease.ts'
import { taskRunIdOf } from '#shared/task-run/ids.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { queueIdOf } from '#shared/work-queue/work-queue.ts'
import { workerIdOf } from '#shared/worker/worker.ts'
import { counterexample } from './support/faults/counterexample.ts'

const versionOf = (id: string) => id.charAt(14)
const hasVariant = (id: string) => '89ab'.includes(id.charAt(19))

describe('an id from a name', () => {
  it('never changes: stored names depend on it', () => {
    expect(idFromName('work-pool', 'prod')).toBe('842b5248-8892-525c-a04b-a1e79a795fe7')
    expect(idFromName('work-queue', 'prod', 'default')).toBe('4fe89042-a0a9-525d-8bd4-5d6fffc3dd63')
  })

  it('is a UUID of version 5, whatever the name', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (name) => {
      const id = idFromName('flow', name)
      return isUuid(id) && versionOf(id) === '5' && hasVariant(id)
    })
    expect(counterexample(property)).toBeUndefined()
  })

  it('differs when any part, its place or its kind differs', () => {
    const parts = fc.array(fc.string(), { minLength: 1, maxLength: 3 })
    const property = fc.property(parts, parts, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b)
      return (idFromName('flow', ...a) === idFromName('flow', ...b)) === same
    })
    expect(counterexample(property)).toBeUndefined()
    expect(idFromName('flow', 'a', 'bc')).not.toBe(idFromName('flow', 'ab', 'c'))
    expect(idFromName('flow', 'a')).not.toBe(idFromName('worker', 'a'))
    expect(idFromName('flow', '","')).not.toBe(idFromName('flow', '', ''))
  })
})

describe('what is stored under an id from a name', () => {
  it('is found under it as long as there is a table of that format', () => {
    expect({
      deployment: deploymentIdOf('f', 'd'),
      globalLimit: globalLimitId('l'),
      globalLimitKey: globalLimitKey('l'),
      lease: leaseOfTaskRun('t'),
      pool: poolIdOf('p'),
      queue: queueIdOf('p', 'q'),
      run: runIdFromKey({ flowId: 'f' }, 'k'),
      taskRun: taskRunIdOf({ id: 'r', life: 'l' }, 'k', '0'),
      worker: workerIdOf('p', 'w'),
    }).toEqual({
      deployment: 'aeb09fa3-3ca3-5b61-9c03-eed5698d816a',
      globalLimit: '69b294cc-2286-57af-b775-46d2d42bbc32',
      globalLimitKey: 'global#l',
      lease: 'e2dea715-9d12-586c-b180-8dbc40d330b2',
      pool: '1ee14a1e-5cc8-53fa-b7d6-25ad7fdc68fd',
      queue: '2b813104-6ab3-5797-909d-8b0ae195d052',
      run: '9b017cde-1c18-5a54-948c-3e04ce730000',
      taskRun: '63bf72b8-dba5-5744-abbb-bee5729b0000',
      worker: '08e99b60-4767-5a55-9e7a-4aab4e90a281',
    })
  })
})

describe('a time-ordered id', () => {
  const MAX = 2 ** 48 - 1
  const millis = fc.integer({ min: 0, max: MAX })

  it('is a UUID of version 7 that holds its time', () => {
    const property = fc.property(millis, fc.uint8Array({ minLength: 10, maxLength: 10 }), (time, random) => {
      const id = timeOrderedId(time, random)
      return (
        isUuid(id) &&
        versionOf(id) === '7' &&
        hasVariant(id) &&
        Number.parseInt(id.replace('-', '').slice(0, 12), 16) === time
      )
    })
    expect(counterexample(property)).toBeUndefined()
  })

  it('sorts by its time', () => {
    const property = fc.property(millis, millis, (a, b) => a === b || timeOrderedId(a) < timeOrderedId(b) === a < b)
    expect(counterexample(property)).toBeUndefined()
  })

  it('differs from all others of the same millisecond', () => {
    const ids = Array.from({ length: 1000 }, () => timeOrderedId(1))
    expect(new Set(ids).size).toBe(1000)
  })
})

it.each([
  ['0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', true],
  ['0198A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B', true],
  ['00000000-0000-0000-0000-000000000000', true],
  ['0198a1b2c3d47e5f8a9b0c1d2e3f4a5b', false],
  ['{0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}', false],
  ['0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g', false],
  ['0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\n', false],
  ['', false],
])('%j is a UUID: %s', (text, is) => {
  expect(isUuid(text)).toBe(is)
})
