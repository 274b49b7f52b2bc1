/** Waits; ends early, without an error, when the signal does. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.min(seconds * 1000, TIMER_MS_MAX))
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** Node's timers take no more. */
const TIMER_MS_MAX = 2 ** 31 - 1
