/** The paging arguments of a list. */
type PageBody = Record<string, unknown> & { offset?: number | null; page?: number | null }
type Fetch<T> = (body: PageBody) => Promise<T>

/**
 * Goes through a list by offset. One page is in hand at a time, and the next one is fetched when it is needed. A page
 * may be shorter than requested, as the service decides how much it sends; an empty one is the end.
 */
export async function* eachByOffset<T>(fetchPage: Fetch<T[]>, body: PageBody = {}): AsyncGenerator<T, void, undefined> {
  for (let offset = body.offset ?? 0; ; ) {
    const page = await fetchPage({ ...body, offset })
    yield* page
    if (page.length === 0) return
    offset += page.length
  }
}

/** Goes through a list by page number; each response says how many pages there are. */
export async function* eachByNumber<T>(
  fetchPage: Fetch<{ results: T[]; pages: number }>,
  body: PageBody = {},
): AsyncGenerator<T, void, undefined> {
  for (let page = body.page ?? 1; ; page += 1) {
    const { results, pages } = await fetchPage({ ...body, page })
    yield* results
    if (page >= pages) return
  }
}
