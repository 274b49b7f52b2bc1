import type { SQSEvent } from 'aws-lambda'

/** What messages say, as far as stories tell it. */
interface Message {
  detail?: { lastStatus: string; startedBy?: string }
  poolId?: string
  reason?: string
  count?: string
  stop?: { taskArn: string }
}

/** What a message is: a task event, or what wakes the dispatcher. */
export function kindOf(body: string): string {
  const known = kinds.get(body)
  if (known !== undefined) return known
  const kind = kindOfMessage(body)
  // Messages of now are asked about several times, and old ones never again.
  if (kinds.size >= KINDS_MAX) kinds.clear()
  kinds.set(body, kind)
  return kind
}

const KINDS_MAX = 100
const kinds = new Map<string, string>()

function kindOfMessage(body: string): string {
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
  const { detail, poolId, count, stop, reason } = JSON.parse(body) as Message
  if (detail) return `${detail.lastStatus} of ${detail.startedBy}`
  if (stop) return `stop of ${stop.taskArn}`
  return count === undefined ? `wake-up of ${poolId} (${reason})` : `count of ${count}`
}
