import {
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { Deps, RunTaskOutcome } from '#shared/deps.ts'
import { answerLost, type Interceptor, withInterceptor } from './faulty-calls.ts'

/** How often a call meets each fault, from 0 to 1. The first two are Temporal's rates for its own fault injection. */
export interface FaultRates {
  /** The call is not made. */
  failsBefore: number
  /** The call is carried out, and the caller sees a timeout. */
  answerLost: number
  /** The call is carried out twice, as by a retry of the SDK whose token DynamoDB has forgotten. Writes only. */
  madeTwice: number
  /** DynamoDB cancels the transaction because of a conflict with another one. */
  conflict: number
  /** DynamoDB or ECS throttles; of a batch of reads, DynamoDB leaves some unprocessed. */
  throttled: number
}

export const HARSH: FaultRates = {
  failsBefore: 0.05,
  answerLost: 0.05,
  madeTwice: 0.05,
  conflict: 0.1,
  throttled: 0.05,
}

export interface Chaos {
  deps: Deps
  /** How many faults of each kind were injected. */
  injected: Record<keyof FaultRates, number>
}

const TRANSACTION = 'dynamodb TransactWriteItemsCommand'
const BATCH_READ = 'dynamodb BatchGetItemCommand'
const READS = /Query|Get|Scan|describe|list/

/** Deps whose outside calls fail at random. Unlike after a crash, the code goes on and must find out what happened. */
export function chaotic(deps: Deps, random: () => number, rates: FaultRates): Chaos {
  const injected = { failsBefore: 0, answerLost: 0, madeTwice: 0, conflict: 0, throttled: 0 }
  const strikes = (kind: keyof FaultRates): boolean => {
    if (random() >= rates[kind]) return false
    injected[kind] += 1
    return true
  }
  const interceptor: Interceptor = async ({ name, input }, go) => {
    if (strikes('failsBefore')) throw answerLost(name)
    if (name === TRANSACTION && strikes('conflict')) throw cancelled(input as TransactWriteItemsCommandInput, random)
    if (strikes('throttled')) return await throttled(name, go)
    const answer = await go()
    if (strikes('answerLost')) throw answerLost(name)
    return !READS.test(name) && strikes('madeTwice') ? await go() : answer
  }
  return { deps: withInterceptor(deps, interceptor), injected }
}

/** A transaction in conflict with another one on some of its items, or throttled. */
function cancelled({ TransactItems = [] }: TransactWriteItemsCommandInput, random: () => number): Error {
  const met = Math.floor(random() * TransactItems.length)
  const code = random() < 0.8 ? 'TransactionConflict' : 'ThrottlingError'
  return new TransactionCanceledException({
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons',
    CancellationReasons: TransactItems.map((_, at) => ({ Code: at === met ? code : 'None' })),
    $metadata: {},
  })
}

async function throttled<T>(name: string, go: () => Promise<T>): Promise<T> {
  if (name === 'tasks run') return { kind: 'throttled' } satisfies RunTaskOutcome as T
  if (name !== BATCH_READ) throw new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} })
  const answer = (await go()) as { output: { Responses?: Record<string, unknown[]>; UnprocessedKeys?: object } }
  const [tableName, items] = Object.entries(answer.output.Responses ?? {})[0] ?? ['', []]
  // The last item is left out of the response and listed as unprocessed.
  const left = items.at(-1) as Record<'pk' | 'sk', unknown> | undefined
  if (!left) return answer as T
  const undone = { [tableName]: { Keys: [{ pk: left.pk, sk: left.sk }], ConsistentRead: true } }
  const output = { ...answer.output, Responses: { [tableName]: items.slice(0, -1) }, UnprocessedKeys: undone }
  return { ...answer, output } as T
}
