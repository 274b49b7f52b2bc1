import { sortable } from '#shared/instant.ts'
import type { Lease } from '#shared/limit/lease.ts'
import { LEASES_PHASE, leaseKey } from '#shared/storage/dynamo/table.ts'

/** The item of a lease, with the keys of the index that shows which run out first. */
export function encodeLease({ id, holder, ...lease }: Lease) {
  return {
    ...leaseKey(id),
    ...lease,
    holder: holder ?? undefined,
    phase: LEASES_PHASE,
    phaseSort: sortable(lease.until),
  }
}

/** A lease from its item. */
export function decodeLease(item: Record<string, unknown>): Lease {
  const { pk, slots, limits, holder, until, created } = item as unknown as Lease & { pk: string }
  return { id: pk.slice(leaseKey('').pk.length), slots, limits, holder: holder ?? null, until, created }
}
