import type { SQSEvent } from 'aws-lambda'

/** What a message is: a task event, or what wakes the dispatcher. */
export function kindOf(body: string): string {
  const message = JSON.parse(body) as object
  if ('detail' in message) return 'task event'
  if ('stop' in message) return 'stop order'
  return 'count' in message ? 'count' : 'wake-up'
}

/** The kinds of a batch's messages, which are the verbs of the process that takes it. */
export function verbOf({ Records }: SQSEvent): string {
  return [...new Set(Records.map(({ body }) => kindOf(body)))].toSorted().join(' + ')
}
