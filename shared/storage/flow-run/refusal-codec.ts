import type { RefusedWrites } from '#shared/flow-run/flow-run.ts'

/** Refused writes in the item: how many, and of the last each [time, generation, what, life unless it is the run's]. */
export interface StoredRefusals {
  n: number
  last: [number, number, string, string?][]
}

/** The refused writes as they are kept in their run's item. */
export function encodeRefusals({ count, last }: RefusedWrites): StoredRefusals {
  return {
    n: count,
    last: last.map(({ at, generation, what, life }) => (life ? [at, generation, what, life] : [at, generation, what])),
  }
}

/** The refused writes as they were encoded. */
export function decodeRefusals({ n, last }: StoredRefusals): RefusedWrites {
  return { count: n, last: last.map(([at, generation, what, life]) => ({ at, generation, what, life: life ?? null })) }
}
