import type { Chance } from '../machine/chance.ts'

/** A limit as operators set it: none, nothing, few. */
export function limitOf({ chance }: { chance: Chance }): number | null {
  return chance.pick([null, 0, 1, 1, 2, 3, 5]) ?? null
}
