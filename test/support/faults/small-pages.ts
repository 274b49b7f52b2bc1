import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import type { Deps } from '#shared/deps.ts'
import { withInterceptor } from './faulty-calls.ts'

/** Deps whose queries answer so many items at a time, as DynamoDB does when items are large: a page ends at 1 MB. */
export function withPagesOf(deps: Deps, most: number): Deps {
  return withInterceptor(deps, async ({ name, input }, go) => {
    if (name === 'dynamodb QueryCommand') {
      const query = input as QueryCommandInput
      query.Limit = Math.min(query.Limit ?? most, most)
    }
    return await go()
  })
}
