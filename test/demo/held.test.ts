import { describe, expect, it } from 'vitest'
import { mostHeld } from '../../demo/held.ts'

describe('the highest number held at once', () => {
  it('is where most holds overlap', () => {
    expect(mostHeld([])).toBe(0)
    expect(
      mostHeld([
        { from: 1, to: 5 },
        { from: 2, to: 3 },
        { from: 4, to: 6 },
      ]),
    ).toBe(2)
    expect(
      mostHeld([
        { from: 1, to: 9 },
        { from: 2, to: 8 },
        { from: 3, to: 4 },
      ]),
    ).toBe(3)
  })

  it('does not count a hold that ends as another begins', () => {
    expect(
      mostHeld([
        { from: 1, to: 2 },
        { from: 2, to: 3 },
      ]),
    ).toBe(1)
  })
})
