import fc from 'fast-check'
import { expect, it } from 'vitest'
import { randomRunName } from '#shared/flow-run/run-name.ts'

it('a name is an adjective and an animal, whatever the random number', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
      expect(randomRunName(() => chance)).toMatch(/^[a-z]+-[a-z]+$/)
    }),
  )
})
