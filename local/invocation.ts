import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'

/** The source of events; no rule may depend on it. */
export const LOCAL_REGION = 'local'
export const LOCAL_ACCOUNT = '000000000000'

/** Lambda's context of one invocation, the remaining time included; and, which Lambda does not know, that its caller is gone. */
export function invocation(functionName: string, timeoutMs: number, callerGone?: AbortSignal): Context {
  return new Invocation(functionName, timeoutMs, callerGone)
}

class Invocation implements Context {
  readonly functionName: string
  readonly functionVersion = '$LATEST'
  readonly memoryLimitInMB = '1024'
  readonly logStreamName = 'local'
  readonly callerGone: AbortSignal | undefined
  readonly #deadline: number
  callbackWaitsForEmptyEventLoop = false
  #requestId: string | undefined

  constructor(functionName: string, timeoutMs: number, callerGone: AbortSignal | undefined) {
    this.callerGone = callerGone
    this.functionName = functionName
    this.#deadline = performance.now() + timeoutMs
  }
  get awsRequestId(): string {
    this.#requestId ??= randomUUID()
    return this.#requestId
  }
  get invokedFunctionArn(): string {
    return `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:${this.functionName}`
  }
  get logGroupName(): string {
    return `/aws/lambda/${this.functionName}`
  }
  getRemainingTimeInMillis(): number {
    return Math.max(0, this.#deadline - performance.now())
  }
  // Lambda's callback style; the handlers here are all async, and must not use these.
  done(): void {}
  fail(): void {}
  succeed(): void {}
}
