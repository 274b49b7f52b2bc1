/** A queue as an answer names it. */
interface ServedQueue {
  name: string
  created: boolean
}

/**
 * What there is to say of the queues that an answer names, in the words that users of Prefect's agent know
 * (prefect/agent.py of 2.20), and those that match a prefix now.
 */
export function queueNews(
  queues: readonly ServedQueue[],
  { match, named, before }: { match: readonly string[]; named: readonly string[]; before: ReadonlySet<string> },
): { sentences: string[]; matched: Set<string> } {
  const matches = (name: string) => match.some((prefix) => name.startsWith(prefix)) && !named.includes(name)
  const matched = new Set(queues.map(({ name }) => name).filter(matches))
  const come = [...matched].filter((name) => !before.has(name))
  const gone = [...before].filter((name) => !matched.has(name))
  const sentences = queues.filter(({ created }) => created).map(({ name }) => `Created work queue '${name}'.`)
  if (come.length > 0) sentences.push(`Matched new work queues: ${come.join(', ')}`)
  if (gone.length > 0) sentences.push(`Work queues no longer matched: ${gone.join(', ')}`)
  return { sentences, matched }
}
