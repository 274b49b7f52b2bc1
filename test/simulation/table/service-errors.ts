import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'

/** A request that DynamoDB refuses. The SDK has no class for it; `instanceof` goes by the name of the class, as for its own. */
export class ValidationException extends DynamoDBServiceException {
  /** Whether it fails a whole transaction, rather than give the reason of one of its actions. */
  readonly failsAll: boolean
  constructor(message: string, { failsAll = false } = {}) {
    super({ name: 'ValidationException', message, $fault: 'client', $metadata: { httpStatusCode: 400 } })
    this.failsAll = failsAll
  }
}

/** What the product does not use, and so the table does not answer: better no answer than a wrong one. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(`the table in memory does not support ${what}`)
    this.name = 'Unsupported'
  }
}

/** The error of a write whose condition does not hold; `item` is what was there, if the request wants to see that. */
export function conditionFailed(item?: Item): ConditionalCheckFailedException {
  const message = 'The conditional request failed'
  return new ConditionalCheckFailedException({
    message,
    $metadata: { httpStatusCode: 400 },
    ...(item && { Item: item }),
  })
}

/** The error of a transaction, with a reason for each of its actions. */
export function transactionCancelled(reasons: CancellationReason[]): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(', ')
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
    $metadata: { httpStatusCode: 400 },
  })
}
