import type { Deployment } from '../../shared/deployment/deployment.ts'
import { DEPLOYMENT_ID, FLOW_ID, POOL_ID, QUEUE_ID, T0 } from './a-run.ts'

/** A deployment to a pool that says nothing of its job, unless told otherwise. */
export function aDeployment(overrides: Partial<Deployment> = {}): Deployment {
  return {
    id: DEPLOYMENT_ID,
    name: 'nightly',
    flowId: FLOW_ID,
    version: null,
    description: null,
    paused: false,
    schedules: [],
    concurrencyLimit: null,
    collisionStrategy: null,
    gracePeriodSeconds: null,
    jobVariables: {},
    parameters: {},
    parameterOpenapiSchema: null,
    enforceParameterSchema: false,
    tags: [],
    labels: {},
    poolId: POOL_ID,
    poolName: 'push',
    queueId: QUEUE_ID,
    queueName: 'work',
    path: null,
    entrypoint: null,
    pullSteps: null,
    storageDocumentId: null,
    infrastructureDocumentId: null,
    lastPolled: null,
    created: T0,
    updated: T0,
    ...overrides,
  }
}
