import { EVIDENCE_SECONDS } from '#shared/bounds.ts'
import { addSeconds, NEVER } from '#shared/instant.ts'
import type { Step } from '../../machine/scheduler.ts'
import type { Picture } from '../picture.ts'

/** What clients of a world ask for at least. */
const SHORTEST_SECONDS = 60

/** I8: a lease of slots lasts as long as its holder asked for, those of tags for ever, and no sweep takes it back before. */
export function leaseTimeProblems(
  before: Picture,
  { leases }: Picture,
  { at, bornAt, verb }: Pick<Step, 'at' | 'bornAt' | 'verb'>,
  clocksDifferSeconds: number,
): string[] {
  if (before.leases === leases) return []
  const latest = addSeconds(at, EVIDENCE_SECONDS + clocksDifferSeconds)
  const soonest = addSeconds(bornAt, SHORTEST_SECONDS - clocksDifferSeconds)
  const early = [...before.leases.values()].filter(
    ({ id, until }) => verb === 'sweep' && !leases.has(id) && until > addSeconds(at, clocksDifferSeconds),
  )
  const odd = [...leases.values()].filter(
    ({ id, until }) => before.leases.get(id)?.until !== until && until !== NEVER && (until < soonest || until > latest),
  )
  return [
    ...early.map(({ id }) => `I8 lease ${id} was taken back before it had run out`),
    ...odd.map(({ id, until }) => `I8 lease ${id} lasts until ${until}`),
  ]
}
