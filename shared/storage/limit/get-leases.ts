import { type Instant, NEVER, sortable } from '#shared/instant.ts'
import type { Lease } from '#shared/limit/lease.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { keyOfRow, queryAll } from '#shared/storage/dynamo/query.ts'
import { LEASES_PHASE, leaseKey, PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeLease } from './lease-codec.ts'

/** Reads a lease, consistently; undefined when it was given back, or has run out and was taken back. */
export async function getLease(table: Table, leaseId: string): Promise<Lease | undefined> {
  const [item] = await batchGet(table, [leaseKey(leaseId)])
  return item && decodeLease(item)
}

/** Reads leases that run out by then, those that do so first in front; which there are, an index says, and it may lag. */
export async function listLeases(table: Table, limit: number, until: Instant = NEVER): Promise<Lease[]> {
  const rows = await queryAll(table, {
    index: PHASE_INDEX,
    keyCondition: '#phase = :phase AND #phaseSort <= :until',
    values: { phase: LEASES_PHASE, until: sortable(until) },
    limit,
  })
  const items = await batchGet(table, rows.map(keyOfRow))
  return items.map(decodeLease).toSorted((a, b) => a.until - b.until)
}
