import * as admin from './admin/admin.ts'
import * as automation from './admin/automation.ts'
import * as collection from './admin/collection.ts'
import * as agent from './agent/agent.ts'
import * as claim from './agent/claim.ts'
import * as apiKey from './api-key/api-key.ts'
import * as artifact from './artifact/artifact.ts'
import * as blockDocument from './block/block-document.ts'
import * as blockSchema from './block/block-schema.ts'
import * as blockType from './block/block-type.ts'
import * as deployment from './deployment/deployment.ts'
import * as deploymentSchedule from './deployment/deployment-schedule.ts'
import type { Endpoint } from './endpoint.ts'
import * as flow from './flow/flow.ts'
import * as explain from './flow-run/explain.ts'
import * as flowRun from './flow-run/flow-run.ts'
import * as flowRunInput from './flow-run/flow-run-input.ts'
import * as flowRunState from './flow-run/flow-run-state.ts'
import * as concurrencyStatus from './limit/concurrency-status.ts'
import * as globalLimit from './limit/global-limit.ts'
import * as tagLimit from './limit/tag-limit.ts'
import * as log from './log/log.ts'
import * as poll from './poll/poll.ts'
import * as taskRun from './task-run/task-run.ts'
import * as variable from './variable/variable.ts'
import * as legacyWorkQueue from './work-pool/legacy-work-queue.ts'
import * as workPool from './work-pool/work-pool.ts'
import * as workQueue from './work-pool/work-queue.ts'
import * as worker from './work-pool/worker.ts'

export type { ErrorCode } from '#shared/errors.ts'
export { ERROR_STATUS } from './error-status.ts'

/** Modules of the contract; each exports its endpoints beside the schemas that they use. */
const MODULES = [
  admin,
  apiKey,
  workPool,
  workQueue,
  legacyWorkQueue,
  concurrencyStatus,
  poll,
  worker,
  claim,
  agent,
  flow,
  deployment,
  deploymentSchedule,
  flowRun,
  flowRunState,
  flowRunInput,
  taskRun,
  globalLimit,
  tagLimit,
  explain,
  log,
  variable,
  blockType,
  blockSchema,
  blockDocument,
  collection,
  artifact,
  automation,
] as const

type EndpointsIn<M> = M extends unknown
  ? { [Name in keyof M as M[Name] extends Endpoint ? Name : never]: M[Name] }
  : never
type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void ? All : never

/** Every endpoint by its name, as a type: what the client is typed by. */
export type Contract = Together<EndpointsIn<(typeof MODULES)[number]>>

/** Every endpoint of the REST API, under the name that the contract exports it by. */
export const OPERATIONS: readonly { name: string; endpoint: Endpoint }[] = MODULES.flatMap((module) =>
  Object.entries<unknown>(module).flatMap(([name, value]) => (isEndpoint(value) ? [{ name, endpoint: value }] : [])),
)

/** Every endpoint under its name, with its schemas: `CONTRACT.createWorkPool.body` is that of a request's body. */
export const CONTRACT = Object.fromEntries(
  OPERATIONS.map(({ name, endpoint }) => [name, endpoint]),
) as unknown as Contract

export const ENDPOINTS: readonly Endpoint[] = OPERATIONS.map(({ endpoint }) => endpoint)

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'status' in value
}

/** The endpoint that serves a path (below the API's base, encoded); undefined when none does. */
export function endpointAt(method: string, path: string): Endpoint | undefined {
  const segments = segmentsOf(path)
  const fitting = ENDPOINTS.filter((each) => each.method === method && fits(segmentsOf(each.path), segments))
  // `/flows/filter` takes precedence over `/flows/:id`.
  return fitting.toSorted((a, b) => parametersIn(a.path) - parametersIn(b.path))[0]
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function fits(pattern: string[], segments: string[]): boolean {
  return (
    pattern.length === segments.length && pattern.every((part, at) => part.startsWith(':') || part === segments[at])
  )
}

function parametersIn(path: string): number {
  return segmentsOf(path).filter((segment) => segment.startsWith(':')).length
}
