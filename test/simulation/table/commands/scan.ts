import type { ScanCommandInput } from '@aws-sdk/client-dynamodb'
import type { TableRows } from '../rows/table-rows.ts'
import { compareStrings } from '../values/attribute-value.ts'
import { lentItem } from '../values/stored-value.ts'
import { type Answer, answered } from './answer.ts'
import { readUnits } from './capacity.ts'
import { pageOf, startRow } from './page.ts'
import { checkMembers, checkTableName } from './request-members.ts'

/** Answers Scan of the whole table. DynamoDB's order of partitions is that of a hash; here it is that of their keys. */
export function scan(rows: TableRows, name: string, request: ScanCommandInput): Answer {
  checkMembers(request, ['TableName', 'ConsistentRead', 'Limit', 'ExclusiveStartKey', 'ReturnConsumedCapacity'])
  checkTableName(request.TableName, name)
  const start = request.ExclusiveStartKey && startRow(request.ExclusiveStartKey, undefined, undefined)
  const hashes = rows.base.hashes.filter((hash) => !start || compareStrings(hash, start.hash) >= 0)
  const page = pageOf(
    hashes.map((hash) => ({ view: rows.base, hash })),
    { start, index: undefined, descending: false, limit: request.Limit, includes: () => true },
  )
  const output = {
    Items: page.items.map(lentItem),
    Count: page.items.length,
    ScannedCount: page.items.length,
    ...(page.last && { LastEvaluatedKey: page.last }),
  }
  const units = { table: readUnits(page.bytes, request.ConsistentRead), indexes: new Map<string, number>() }
  return answered(name, output, units, request.ReturnConsumedCapacity)
}
