import { READS } from './read-calls.ts'
import type { Verb } from './verb.ts'

const CALLS = { min: 2, max: 6 }

/** Reads of what the service has, as consoles and clients make them, a few of one kind. */
export const look: Verb = {
  name: 'look',
  weight: 12,
  async act(scene) {
    const { chance } = scene
    const reads = chance.pick(Object.values(READS)) ?? []
    const client = scene.client()
    for (let left = chance.whole(CALLS.min, CALLS.max); left > 0; left -= 1) await chance.pick(reads)?.(client, scene)
  },
}
