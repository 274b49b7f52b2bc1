import { performance } from 'node:perf_hooks'

/** Does something, and notes how many milliseconds it took. */
export async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await work()
  into.push(performance.now() - begun)
  return result
}
