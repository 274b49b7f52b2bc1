/** From when until when a run held its slots, in milliseconds. */
export interface Held {
  from: number
  to: number
}

/** The highest number of these that were held at one moment; one that ends as another begins does not count with it. */
export function mostHeld(all: readonly Held[]): number {
  const changes = all.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ])
  let held = 0
  let most = 0
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    held += by
    most = Math.max(most, held)
  }
  return most
}
