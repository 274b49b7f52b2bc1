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

/** A message in few words. */
export function described(body: string): string {
  const { detail, poolId, count, stop, reason } = JSON.parse(body) as Record<string, { [name: string]: unknown }>
  if (detail) return `${String(detail.lastStatus)} of ${String(detail.startedBy)}`
  if (stop) return `stop of ${String(stop.taskArn)}`
  return count ? `count of ${String(count)}` : `wake-up of ${String(poolId)} (${String(reason)})`
}
