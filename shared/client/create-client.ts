import { contentOf } from './answer.ts'
import { type Call, parseArguments } from './arguments.ts'
import type { Client } from './client.ts'
import type { Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { eachByNumber, eachByOffset } from './pages.ts'
import { requestOf } from './request.ts'
import { type RetryOptions, retryPolicyOf } from './retry.ts'
import { sendWithRetries } from './send-with-retries.ts'
import { createTransport, type TransportOptions } from './transport.ts'

export { WrittenNumber } from '#shared/json/written-number.ts'
export type { BodyOf, CallOptions, Client, OperationName, ReplyOf } from './client.ts'
export { ApiError, type ClientErrorCode, ConnectionError, TimeoutError } from './errors.ts'

export interface ClientOptions extends TransportOptions {
  /** How often, and for how long, transient failures are retried. */
  retry?: RetryOptions | undefined
}

type Members = Record<string, unknown>

type Perform = (operation: Operation, call: Call) => Promise<unknown>

/**
 * A client of the API with a method for each operation, such as `client.getWorkPool({ name })` and
 * `client.updateWorkPool({ name }, { is_paused: true })`. Transient failures are retried where that is safe.
 * Methods throw ApiError for an answer without success, ConnectionError or TimeoutError for none; createClient itself
 * throws TypeError for a URL or a key that can't be used.
 */
export function createClient(options: ClientOptions): Client {
  const perform = createPerform(options)
  const methods = Object.entries<Operation>(OPERATIONS).map(([name, each]) => [name, methodOf(each, perform)] as const)
  return Object.fromEntries(methods) as unknown as Client
}

function createPerform({ retry, ...options }: ClientOptions): Perform {
  const transport = createTransport(options)
  const policy = retryPolicyOf(retry)
  return async (operation, call) => {
    const body = withIdempotencyKey(operation, call.body)
    const request = requestOf(operation, call.members, body)
    const answer = await sendWithRetries(() => transport(request, call.options), {
      policy,
      repeatable: isRepeatable(operation, body),
      deletes: operation.method === 'DELETE',
      signal: call.options?.signal,
    })
    return answer && contentOf(answer, operation.plainText ?? false)
  }
}

function methodOf(operation: Operation, perform: Perform) {
  const method = (...args: unknown[]) => perform(operation, parseArguments(operation, args))
  if (!operation.pages) return method
  const each = (...args: unknown[]) => {
    const call = parseArguments(operation, args)
    const fetchPage = (body: Members) => perform(operation, { ...call, body }) as Promise<never>
    const goThrough = operation.pages === 'number' ? eachByNumber : eachByOffset
    return goThrough(fetchPage, call.body as Members | undefined)
  }
  return Object.assign(method, { each })
}

/** A create without a key gets one, so that it can be retried; null sends none. */
function withIdempotencyKey({ repeat }: Operation, body: unknown): unknown {
  if (repeat !== 'keyed') return body
  const { idempotency_key: key = crypto.randomUUID(), ...rest } = (body ?? {}) as Members
  return { ...rest, idempotency_key: key }
}

function isRepeatable({ method, repeat }: Operation, body: unknown): boolean {
  if (repeat === 'keyed') return (body as Members).idempotency_key !== null
  return method === 'GET' || repeat === 'always'
}
