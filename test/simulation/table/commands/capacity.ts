import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb'

/** Capacity units, as DynamoDB counts them: of the table, and of each index that a request reads or changes. */
export interface Units {
  table: number
  indexes: Map<string, number>
}

const READ_BYTES = 4096
const WRITE_BYTES = 1024

/** Units of a read of so many bytes; half of them where it need not be consistent. */
export function readUnits(bytes: number, consistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5)
}

/** Units of a write of so many bytes. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_BYTES))
}

export function totalOf({ table, indexes }: Units): number {
  return [...indexes.values()].reduce((sum, units) => sum + units, table)
}

/** What a response says about the units, as far as the request wants to know. */
export function consumedCapacity(
  tableName: string,
  units: Units,
  wanted: string | undefined,
): ConsumedCapacity | undefined {
  if (wanted !== 'INDEXES' && wanted !== 'TOTAL') return undefined
  const total = { TableName: tableName, CapacityUnits: totalOf(units) }
  if (wanted === 'TOTAL') return total
  const indexes = [...units.indexes].map(([name, n]) => [name, { CapacityUnits: n }] as const)
  return {
    ...total,
    Table: { CapacityUnits: units.table },
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(indexes) }),
  }
}
