const TIMEOUT_MS = 5_000

/** A look at the service's own API, `/api` included in its address: true when it answers within five seconds. */
export function answersAt(apiUrl: string): () => Promise<boolean> {
  return async () => {
    try {
      return (await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) })).ok
    } catch {
      return false
    }
  }
}
