import { expect, it } from 'vitest'
import { deploymentLimit, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'
import { aLimit } from '../support/fixtures/a-limit.ts'

const limited = new Map<LimitKey, Limit>([[deploymentLimit('d'), aLimit(deploymentLimit('d'), 0)]])
const unlimited = new Map<LimitKey, Limit>()

const SLOTS: [string | null, string | null, string | null, ReadonlyMap<LimitKey, Limit>, LimitKey[]][] = [
  // Pool and queue always count, so that a limit set later is exact from the start.
  ['p', 'q', 'd', unlimited, ['pool#p', 'queue#q']],
  ['p', 'q', 'd', limited, ['pool#p', 'queue#q', 'deployment#d']],
  ['p', 'q', 'other', limited, ['pool#p', 'queue#q']],
  ['p', 'q', null, limited, ['pool#p', 'queue#q']],
  // A deployment that its own process serves has a limit, but no pool.
  [null, null, 'd', limited, ['deployment#d']],
  [null, null, 'd', unlimited, []],
  [null, null, null, limited, []],
]
it.each(SLOTS)('a run of pool %s, queue %s, deployment %s (limits %o) takes slots of %j', (...row) => {
  const [poolId, queueId, deploymentId, limits, slots] = row
  expect(slotsOf({ poolId, queueId, deploymentId }, limits)).toEqual(slots)
})
