import { identityEnv, nameEnv } from '#shared/ecs-task/run-identity.ts'
import type { ClaimedRun } from '../report/hand-out.ts'

/** The environment that tells a run's process what it runs, and where to report. The API key is the agent's own. */
export function runEnvironment(run: ClaimedRun, apiUrl: string, apiKey: string | undefined): Record<string, string> {
  const { flow_run, life, generation, flow_name, deployment, job } = run
  const identity = {
    run: { id: flow_run.id, life, generation, job: job.kind, flowId: flow_run.flow_id },
    deployment: deployment ?? undefined,
    flowName: flow_name ?? undefined,
  }
  const keys = apiKey === undefined ? {} : { PREFECT_API_KEY: apiKey, PUSHPOOL_API_KEY: apiKey }
  return { ...nameEnv(identity), ...keys, ...identityEnv(identity, apiUrl, job.env) }
}
