import { type Answer, errorOf, isSuccess } from './answer.ts'
import { ApiError, ConnectionError, type Failure } from './errors.ts'
import { type RetryPolicy, waitBeforeNextTry } from './retry.ts'

interface Retries {
  policy: RetryPolicy
  /** Whether doing it twice is as good as once. */
  repeatable: boolean
  /** Whether the request deletes: when an earlier try may have done that, finding nothing is a success. */
  deletes: boolean
  signal: AbortSignal | undefined
}

/**
 * Sends a request until it succeeds or must not be sent again; then the last failure is thrown. Undefined when a delete
 * was carried out by a try whose answer was lost.
 */
export async function sendWithRetries(send: () => Promise<Answer>, retries: Retries): Promise<Answer | undefined> {
  const { policy, repeatable, deletes, signal } = retries
  const started = performance.now()
  let maybeDone = false
  for (let tries = 1; ; tries += 1) {
    const outcome = await outcomeOf(send)
    if (!(outcome instanceof Error)) return outcome
    if (deletes && maybeDone && isGone(outcome)) return undefined
    const elapsedMs = performance.now() - started
    const waitMs = waitBeforeNextTry(policy, { failure: outcome, repeatable, tries, elapsedMs, chance: Math.random() })
    if (waitMs === undefined) throw outcome
    maybeDone ||= outcome.outcomeUnknown
    await pause(waitMs, signal)
  }
}

/** Whether there is no such thing; a path that is not served says nothing of it. */
function isGone(failure: Failure): boolean {
  return failure instanceof ApiError && failure.status === 404 && failure.code !== 'no_route'
}

async function outcomeOf(send: () => Promise<Answer>): Promise<Answer | Failure> {
  try {
    const answer = await send()
    return isSuccess(answer) ? answer : errorOf(answer)
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
}

/** Waits; rejects early, with the signal's reason, when the caller aborts. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer)
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is the caller's to choose
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }, ms)
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}
