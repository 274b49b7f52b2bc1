import { availableOf, type Limit, type LimitKey } from '../../shared/limit/limit.ts'

/** A limit that nobody holds, unless told otherwise. */
export function aLimit(key: LimitKey, limit: number | null, overrides: Partial<Limit> = {}): Limit {
  const active = overrides.active ?? 0
  return {
    key,
    limit,
    active,
    available: availableOf(limit, active),
    paused: false,
    deleting: false,
    epoch: 0,
    countingSince: null,
    moves: 0,
    driftNoted: null,
    ...overrides,
  }
}
