import type { Limit } from '#shared/limit/limit.ts'

/** Changes whenever slots of a limit move, or its count is changed by anything else. */
export function fingerprintOf({ active, moves, driftNoted }: Limit): string {
  return `${active} ${moves} ${driftNoted === null}`
}
