import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** What happens to a run when its deployment's limit is full. */
export type CollisionStrategy = 'ENQUEUE' | 'CANCEL_NEW'

/** A run of a lost agent is Crashed, or waits to be claimed again. */
export type OnAgentLost = 'crash' | 'requeue'

export interface DeploymentSchedule {
  id: string
  schedule: Record<string, unknown>
  active: boolean
  maxScheduledRuns: number | null
  parameters: Record<string, unknown>
  slug: string | null
  created: Instant
  updated: Instant
}

/** Unique by flow and name. Where its runs go is `queueId`; null for a deployment that a process of the user's serves. */
export interface Deployment {
  id: string
  /** Tells this deployment from another of its flow and name that was there before. */
  life: string
  /** Its deletion has begun: it takes no runs and no changes any more. */
  deleting: boolean
  name: string
  flowId: string
  version: string | null
  description: string | null
  paused: boolean
  schedules: DeploymentSchedule[]
  concurrencyLimit: number | null
  collisionStrategy: CollisionStrategy | null
  gracePeriodSeconds: number | null
  jobVariables: Record<string, unknown>
  parameters: Record<string, unknown>
  parameterOpenapiSchema: Record<string, unknown> | null
  enforceParameterSchema: boolean
  tags: string[]
  labels: Record<string, unknown>
  poolId: string | null
  poolName: string | null
  queueId: string | null
  queueName: string | null
  path: string | null
  entrypoint: string | null
  pullSteps: Record<string, unknown>[] | null
  storageDocumentId: string | null
  infrastructureDocumentId: string | null
  /** What becomes of a run whose agent was lost, once it has been RUNNING; Crashed unless set. */
  onAgentLost?: OnAgentLost | undefined
  lastPolled: Instant | null
  created: Instant
  updated: Instant
}

/** The id that a flow's deployment of this name always has. */
export function deploymentIdOf(flowId: string, name: string): string {
  return idFromName('deployment', flowId, name)
}
