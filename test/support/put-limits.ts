import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Limit, LimitKey } from '../../shared/limit/limit.ts'
import { newLimitItem } from '../../shared/storage/change-limit.ts'
import { toItem } from '../../shared/storage/expression.ts'
import type { Table } from '../../shared/storage/table.ts'

/** Puts limits that nobody holds, open unless told otherwise. */
export async function putLimits(
  table: Table,
  limits: Record<LimitKey, number | null>,
  overrides: Partial<Pick<Limit, 'paused' | 'deleting' | 'epoch'>> = {},
): Promise<void> {
  for (const [key, limit] of Object.entries(limits)) {
    const item = { ...newLimitItem(key as LimitKey, { limit, paused: false }), ...overrides }
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item) }))
  }
}
