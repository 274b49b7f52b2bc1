import type { FunctionName } from '#shared/config.ts'
import { apiKeyKey, DEPLOYMENT_INDEX, PHASE_INDEX, TIME_INDEX } from '#shared/storage/dynamo/table.ts'
import type { ServiceFunction } from './service-function.ts'
import type { IndexName, PoolTable } from './table.ts'

interface TableRights {
  /** By primary key. A transaction needs the right to each kind of action in it. */
  items: readonly string[]
  /** Indexes that it queries, beside the table itself; none means no queries at all. */
  queries: readonly IndexName[]
}

/** What each function does to the table, and so may do; a test holds this against the code of their bundles. */
export const TABLE_RIGHTS: Record<FunctionName, TableRights> = {
  authorizer: { items: ['GetItem'], queries: [] },
  api: {
    items: ['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
    queries: [PHASE_INDEX, TIME_INDEX, DEPLOYMENT_INDEX],
  },
  dispatcher: {
    items: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
    queries: [PHASE_INDEX, TIME_INDEX],
  },
  'task-events': {
    items: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
    queries: [PHASE_INDEX, TIME_INDEX],
  },
  sweeper: {
    items: ['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
    queries: [PHASE_INDEX, TIME_INDEX, DEPLOYMENT_INDEX],
  },
}

/** Lets a function do to the table what its code does. */
export function allowTable(name: FunctionName, pool: PoolTable, to: ServiceFunction): void {
  const { items, queries } = TABLE_RIGHTS[name]
  const { tableArn } = pool.table
  // The authorizer reads API keys, and has no business with anything else.
  const keysOnly = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [apiKeyKey('').pk] } }
  to.allow({
    sid: 'TableItems',
    actions: items.map((action) => `dynamodb:${action}`),
    resources: [tableArn],
    ...(name === 'authorizer' ? { conditions: keysOnly } : {}),
  })
  if (queries.length === 0) return
  const indexArns = queries.map((index) => pool.indexArn(index))
  to.allow({ sid: 'TableQueries', actions: ['dynamodb:Query'], resources: [tableArn, ...indexArns] })
}
