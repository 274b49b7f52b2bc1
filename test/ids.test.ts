import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idFromName, isUuid, timeOrderedId } from '#shared/ids.ts'
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
