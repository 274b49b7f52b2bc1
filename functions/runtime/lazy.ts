/**
 * Defers creating a handler to its first call, so that importing a function's file reads no environment and opens no
 * connection. A failed creation is retried at the next call.
 */
export function lazy<Args extends unknown[], Result>(
  create: () => (...args: Args) => Result,
): (...args: Args) => Result {
  let handler: ((...args: Args) => Result) | undefined
  return (...args) => (handler ??= create())(...args)
}
