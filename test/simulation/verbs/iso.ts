/** An instant of the world, in seconds since 1970, as clients write it. */
export function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString()
}
