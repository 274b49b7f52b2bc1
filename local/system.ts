import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock, Ids } from '../shared/deps.ts'
import { timeOrderedId } from '../shared/ids.ts'

let last = 0
/** The machine's clock. It never answers the same instant twice, nor an earlier one, so what happened in order sorts so. */
export const systemClock: Clock = {
  now: () => {
    last = Math.max(last + 1, Date.now() * 1000)
    return last
  },
}

/** Ids and chance from the machine. */
export const systemIds: Ids = {
  uuid: () => timeOrderedId(Date.now()),
  token: () => randomUUID(),
  random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
