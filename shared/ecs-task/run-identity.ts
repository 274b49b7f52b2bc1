import type { Deployment } from '#shared/deployment/deployment.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { startedByOf } from './ecs-task.ts'

/** A run and what it belongs to; names of deleted things are left out. */
export interface RunIdentity {
  run: FlowRun
  deployment: Pick<Deployment, 'id' | 'name'> | undefined
  flowName: string | undefined
  poolName: string | undefined
}

/** What a process must know of its run to report of it. */
export interface HandOutIdentity extends Pick<RunIdentity, 'deployment' | 'flowName'> {
  run: Pick<FlowRun, 'id' | 'life' | 'generation' | 'job' | 'flowId'>
}

/** The header of proposals that says under which claim they are made. */
const GENERATION_HEADER = 'X-Pushpool-Generation'
/** Prefect's setting of headers for every request, since 3.4.8; a JSON object. */
const HEADERS_VARIABLE = 'PREFECT_CLIENT_CUSTOM_HEADERS'

/**
 * The environment that tells a task its run and where to report; job variables in `env` cannot override it. A flow's
 * own headers stay beside ours. The generation is what reports are fenced by: in a flow's requests it stands with the
 * run's id, since a flow reports of its subflows too.
 */
export function identityEnv({ run, deployment }: HandOutIdentity, apiUrl: string, env: Record<string, string>) {
  const own = { PUSHPOOL_API_URL: apiUrl, PUSHPOOL_RUN_ID: run.id, PUSHPOOL_GENERATION: String(run.generation) }
  if (run.job !== 'flow') return { ...env, ...own }
  return {
    ...env,
    ...own,
    PREFECT_API_URL: apiUrl,
    PREFECT__FLOW_RUN_ID: run.id,
    PREFECT__FLOW_ID: run.flowId,
    ...(deployment ? { PREFECT__DEPLOYMENT_ID: deployment.id } : {}),
    [HEADERS_VARIABLE]: withGeneration(env[HEADERS_VARIABLE], run),
  }
}

/** What is not a JSON object stays as it is, for Prefect to report. */
function withGeneration(headers: string | undefined, run: HandOutIdentity['run']): string {
  const given = parseObject(headers || '{}')
  if (!given) return headers ?? ''
  const others = Object.entries(given).filter(([name]) => name.toLowerCase() !== GENERATION_HEADER.toLowerCase())
  return JSON.stringify({ ...Object.fromEntries(others), [GENERATION_HEADER]: startedByOf(run) })
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const json = parseJson(text)
    return isRecord(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** Names that a Prefect flow sends in request headers; informational, so a launch may omit them. */
export function nameEnv({ run, deployment, flowName }: HandOutIdentity): Record<string, string> {
  if (run.job !== 'flow') return {}
  return {
    ...(flowName ? { PREFECT__FLOW_NAME: flowName } : {}),
    ...(deployment ? { PREFECT__DEPLOYMENT_NAME: deployment.name } : {}),
  }
}

/** Labels that Prefect's workers put on what they start (workers/base.py), as far as they mean something here. */
export function identityLabels({ run, deployment, flowName, poolName }: RunIdentity): Record<string, string> {
  const labels = {
    'flow-run-id': run.id,
    'flow-run-name': run.details.name,
    'flow-id': run.flowId,
    'flow-name': flowName,
    'deployment-id': deployment?.id,
    'deployment-name': deployment?.name,
    'work-pool-id': run.poolId,
    'work-pool-name': poolName,
  }
  const known = Object.entries(labels).flatMap(([name, value]) =>
    value ? [[`prefect.io/${name}`, value] as const] : [],
  )
  return Object.fromEntries(known)
}
