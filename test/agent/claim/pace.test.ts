import { describe, expect, it } from 'vitest'
import { type PaceInput, pace, waitSeconds } from '../../../agent/claim/pace.ts'

const input: PaceInput = {
  waited: false,
  tookSeconds: 0.02,
  nextDueIn: null,
  claimed: 0,
  asked: 3,
  free: 3,
  idleSeconds: undefined,
  held: 0,
  leaseSeconds: 180,
}
const secondsAt = (change: Partial<PaceInput>) => pace({ ...input, ...change }).seconds

describe('the pace of claim calls', () => {
  it('doubles the wait from a second to half a minute while there is nothing', () => {
    const waits: number[] = []
    let idleSeconds: number | undefined
    for (let call = 0; call < 7; call += 1) {
      const next = pace({ ...input, idleSeconds })
      idleSeconds = next.idleSeconds
      waits.push(next.seconds)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30])
  })

  it('begins anew after work', () => {
    expect(pace({ ...input, claimed: 1, idleSeconds: 30 })).toEqual({ seconds: 1, idleSeconds: undefined })
  })

  it('calls at once for what may be left, where there is room', () => {
    expect(secondsAt({ claimed: 3, asked: 3, free: 0 })).toBe(1)
    expect(secondsAt({ claimed: 25, asked: 100, free: 75 })).toBe(0)
    expect(secondsAt({ claimed: 24, asked: 100, free: 76 })).toBe(1)
  })

  it('calls when the next run is due', () => {
    expect(secondsAt({ nextDueIn: 0.4, idleSeconds: 16 })).toBe(0.4)
    expect(secondsAt({ nextDueIn: 400, idleSeconds: 4 })).toBe(8)
    expect(secondsAt({ nextDueIn: 0.4, idleSeconds: 16, free: 0 })).toBe(30)
  })

  it('does not hurry for what is due and was not handed out', () => {
    expect(secondsAt({ nextDueIn: 0, idleSeconds: 4 })).toBe(8)
    expect(secondsAt({ nextDueIn: 0.001, idleSeconds: 4 })).toBe(0.05)
  })

  it('lets no more than a sixth of the lease go by while something is held', () => {
    expect(secondsAt({ held: 1, leaseSeconds: 12, idleSeconds: 30 })).toBe(2)
    expect(secondsAt({ held: 0, leaseSeconds: 12, idleSeconds: 30 })).toBe(30)
  })

  it('calls at once where the service waited itself, unless it did not', () => {
    expect(secondsAt({ waited: true, tookSeconds: 20 })).toBe(0)
    expect(secondsAt({ waited: true, tookSeconds: 0.01 })).toBe(0.25)
    expect(secondsAt({ waited: true, tookSeconds: 0.01, claimed: 1 })).toBe(0)
  })
})

describe('how long the service may wait', () => {
  it('is no longer than what it then hands out is to wait for', () => {
    expect(waitSeconds({ free: 1, leaseSeconds: 180, draining: false }, 20)).toBe(20)
    expect(waitSeconds({ free: 1, leaseSeconds: 30, draining: false }, 20)).toBe(5)
  })

  it('is nothing for an agent that takes nothing', () => {
    expect(waitSeconds({ free: 0, leaseSeconds: 180, draining: false }, 20)).toBe(0)
    expect(waitSeconds({ free: 3, leaseSeconds: 180, draining: true }, 20)).toBe(0)
  })
})
