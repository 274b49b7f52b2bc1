import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock, Ids } from '#shared/deps.ts'
import { timeOrderedId } from '#shared/ids.ts'

const MICROS_PER_MILLI = 1_000

/** Where the machine's time comes from: milliseconds since 1970, and milliseconds of a clock that is never set. */
export interface TimeSource {
  wallMs: () => number
  monotonicMs: () => number
}

/**
 * The machine's clock, to the microsecond: the wall clock's milliseconds, and how long each has been showing by the
 * monotonic clock. It never answers the same instant twice, nor an earlier one, even when the wall clock is set back.
 */
export function createClock({ wallMs, monotonicMs }: TimeSource): Clock {
  let milli = 0
  let shownSince = 0
  let last = 0
  return {
    now: () => {
      const wall = wallMs()
      if (wall !== milli) {
        milli = wall
        shownSince = monotonicMs()
      }
      const micros = Math.floor((monotonicMs() - shownSince) * MICROS_PER_MILLI)
      last = Math.max(last + 1, milli * MICROS_PER_MILLI + Math.min(micros, MICROS_PER_MILLI - 1))
      return last
    },
  }
}

export const systemClock = createClock({ wallMs: () => Date.now(), monotonicMs: () => performance.now() })

/** Ids and chance from the machine. */
export const systemIds: Ids = {
  uuid: () => timeOrderedId(Date.now()),
  life: () => randomBytes(8).toString('hex'),
  token: () => randomUUID(),
  random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
