import { type QueryCommandInput, ScanCommand } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'
import type { Interceptor, OutsideCall } from './faulty-calls.ts'

/** The phase index as of some time ago. */
export interface LaggingIndex {
  /** Serves reads of the index from the old snapshot while it lags, and passes on all other calls. */
  intercept: Interceptor
  /** Whether reads get the old snapshot or the current state. */
  lags: boolean
  /** Takes a new snapshot. */
  catchUp: () => Promise<void>
}

/**
 * DynamoDB updates an index after the item, and it may lag by any time; dynoxide's never does. This one lags as far as a
 * test wants.
 */
export function laggingIndex(table: Table): LaggingIndex {
  let picture: Item[] = []
  const index: LaggingIndex = {
    intercept: async <T>({ name, input }: OutsideCall, go: () => Promise<T>) => {
      const query = input as QueryCommandInput
      if (!index.lags || name !== 'dynamodb QueryCommand' || query.IndexName !== PHASE_INDEX) return await go()
      return { response: {}, output: { ...answer(picture, query), $metadata: {} } } as T
    },
    lags: true,
    catchUp: async () => {
      const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name }))
      picture = Items.filter((item) => item.phase)
    },
  }
  return index
}

/** Has the index lag in every other read of it. */
export function everyOtherLook(index: LaggingIndex): Interceptor {
  return async (call, go) => {
    const found = await index.intercept(call, go)
    if ((call.input as Partial<QueryCommandInput>).IndexName === PHASE_INDEX) index.lags = !index.lags
    return found
  }
}

function answer(picture: readonly Item[], query: QueryCommandInput) {
  const value = (name: string) => query.ExpressionAttributeValues?.[name]?.S ?? ''
  const started = query.ExclusiveStartKey && placeOf(query.ExclusiveStartKey)
  const found = picture
    .filter((item) => item.phase?.S === value(':phase'))
    .filter((item) => (item.phaseSort?.S ?? '') >= value(':from') && (item.phaseSort?.S ?? '') <= (value(':to') || '~'))
    .filter((item) => !query.FilterExpression || item.deploymentId?.S === value(':deploymentId'))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
    .filter((item) => started === undefined || placeOf(item) > started)
  const Items = found.slice(0, query.Limit)
  return { Items, Count: Items.length, LastEvaluatedKey: Items.length < found.length ? Items.at(-1) : undefined }
}

const placeOf = (item: Item): string => `${item.phaseSort?.S} ${item.pk?.S}`
