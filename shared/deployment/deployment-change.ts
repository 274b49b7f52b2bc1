import type { CollisionStrategy, Deployment, OnAgentLost } from './deployment.ts'

/** A schedule as a request gives it; `replaces` names the slug of the one whose place it takes. */
export interface ScheduleInput {
  schedule: Record<string, unknown>
  active: boolean
  maxScheduledRuns: number | null
  parameters: Record<string, unknown>
  slug: string | null
  replaces: string | null
}

/** A create or update of a deployment. Undefined members stay unchanged, or take the default. */
export interface DeploymentChange {
  version?: string | null | undefined
  description?: string | null | undefined
  paused?: boolean | undefined
  /** Null: no cap. */
  concurrencyLimit?: number | null | undefined
  concurrencyOptions?: { collisionStrategy: CollisionStrategy; gracePeriodSeconds: number | null } | null | undefined
  jobVariables?: Record<string, unknown> | undefined
  parameters?: Record<string, unknown> | undefined
  parameterOpenapiSchema?: Record<string, unknown> | null | undefined
  enforceParameterSchema?: boolean | undefined
  tags?: string[] | undefined
  labels?: Record<string, unknown> | undefined
  path?: string | null | undefined
  entrypoint?: string | null | undefined
  pullSteps?: Record<string, unknown>[] | null | undefined
  storageDocumentId?: string | null | undefined
  infrastructureDocumentId?: string | null | undefined
  onAgentLost?: OnAgentLost | undefined
  poolName?: string | null | undefined
  queueName?: string | null | undefined
}

/** Where a deployment's runs go; all null for one that a process of the user's serves. */
export type DeploymentPlace = Pick<Deployment, 'poolId' | 'poolName' | 'queueId' | 'queueName'>

export const NO_PLACE: DeploymentPlace = { poolId: null, poolName: null, queueId: null, queueName: null }

/** What makes a deployment that one, and no other. */
type Identity = Pick<Deployment, 'id' | 'life' | 'flowId' | 'name'>

/** A deployment with only defaults. */
export function blankDeployment(identity: Identity, now: number): Deployment {
  return {
    ...identity,
    deleting: false,
    version: null,
    description: null,
    paused: false,
    schedules: [],
    concurrencyLimit: null,
    collisionStrategy: null,
    gracePeriodSeconds: null,
    jobVariables: {},
    parameters: {},
    parameterOpenapiSchema: { type: 'object', properties: {} },
    enforceParameterSchema: true,
    tags: [],
    labels: {},
    ...NO_PLACE,
    path: null,
    entrypoint: null,
    pullSteps: null,
    storageDocumentId: null,
    infrastructureDocumentId: null,
    lastPolled: null,
    created: now,
    updated: now,
  }
}

/** The deployment after a change; pure. Its queue was resolved before, as that may have created it. */
export function changeDeployment(
  before: Deployment,
  change: DeploymentChange,
  place: DeploymentPlace,
  now: number,
): Deployment {
  const { concurrencyOptions, poolName: _pool, queueName: _queue, ...rest } = change
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  const options =
    concurrencyOptions === undefined
      ? {}
      : {
          collisionStrategy: concurrencyOptions?.collisionStrategy ?? null,
          gracePeriodSeconds: concurrencyOptions?.gracePeriodSeconds ?? null,
        }
  return { ...before, ...given, ...options, ...place, updated: now }
}
