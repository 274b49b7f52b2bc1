/** Does something to each item, begun in order, with at most `atOnce` of them under way. Raises what `act` raises. */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  const actOnNext = async () => {
    for (const item of waiting) await act(item)
  }
  await Promise.all(Array.from({ length: atOnce }, actOnNext))
}
