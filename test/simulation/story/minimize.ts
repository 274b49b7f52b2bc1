/**
 * The fewest of some things with which a test still passes, as far as taking away parts of them finds it (Zeller's delta
 * debugging, ddmin). Stops when time is over, with the fewest so far.
 */
export async function minimize<T>(
  all: readonly T[],
  passes: (some: readonly T[]) => Promise<boolean>,
  over: () => boolean,
): Promise<readonly T[]> {
  if (all.length === 0 || over()) return all
  if (await passes([])) return []
  let left = all
  let parts = 2
  while (left.length > 1 && !over()) {
    const found = await withoutOnePart(left, parts, passes, over)
    if (found) {
      left = found
      parts = Math.max(2, parts - 1)
    } else if (parts >= left.length) return left
    else parts = Math.min(left.length, parts * 2)
  }
  return left
}

async function withoutOnePart<T>(
  all: readonly T[],
  parts: number,
  passes: (some: readonly T[]) => Promise<boolean>,
  over: () => boolean,
): Promise<readonly T[] | undefined> {
  const size = Math.ceil(all.length / parts)
  for (let from = 0; from < all.length; from += size) {
    if (over()) return undefined
    const rest = all.filter((_, at) => at < from || at >= from + size)
    if (await passes(rest)) return rest
  }
  return undefined
}
