import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** Slots of global limits that are held until released, or until the lease expires. */
export interface Lease {
  id: string
  /** How many slots of each of the limits. */
  slots: number
  /** The limits, each with when it was created: one that was deleted and recreated holds nothing for this lease. */
  limits: { id: string; created: Instant }[]
  holder: LeaseHolder | null
  until: Instant
  created: Instant
}

export interface LeaseHolder {
  type: 'flow_run' | 'task_run' | 'deployment'
  id: string
}

/** Limits that slots are taken of in one step: a DynamoDB transaction holds 100 actions, and others go with it. */
export const LIMITS_AT_ONCE_MAX = 50

/** The id of the lease under which a task run holds the slots of its tags: the same each time, so it takes them once. */
export function leaseOfTaskRun(taskRunId: string): string {
  return idFromName('task-lease', taskRunId)
}
