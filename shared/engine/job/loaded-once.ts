/**
 * Loads code when it is first needed, and once: even of what is loaded, each import() resolves the name again, which takes
 * some 50 microseconds. A load that failed is tried again.
 */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
