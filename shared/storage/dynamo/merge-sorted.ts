/** Merges sorted sequences into one that is sorted likewise; each is read only as far as needed. */
export async function* mergeSorted<T>(
  sources: readonly AsyncGenerator<T>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })))
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const each of heads) {
      if (each.head.done) continue
      if (!first || first.head.done || compare(each.head.value, first.head.value) < 0) first = each
    }
    if (!first || first.head.done) return
    yield first.head.value
    first.head = await first.source.next()
  }
}
