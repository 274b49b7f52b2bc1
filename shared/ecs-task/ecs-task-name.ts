import type { Flow } from '#shared/flow/flow.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { formatInstant } from '#shared/instant.ts'
import { fillTemplate } from '#shared/template/fill-template.ts'
import { pythonText } from '#shared/template/python-text.ts'

/**
 * A task's name: the job's `name` once `{{ ctx.flow.* }}` and `{{ ctx.flow_run.* }}` are filled in (Prefect's
 * prepare_for_flow_run), else the run's name. Raises TemplateError.
 */
export function ecsTaskNameOf(template: unknown, run: FlowRun, flow: Flow | undefined): string {
  if (typeof template !== 'string') return run.details.name
  const filled = fillTemplate(template, { ctx: { flow: flow ? flowMembers(flow) : {}, flow_run: runMembers(run) } })
  // Without a value Prefect leaves the template as it is.
  return (filled === undefined ? template : pythonText(filled)) || run.details.name
}

function flowMembers({ id, name, tags, labels }: Flow) {
  return { id, name, tags, labels }
}

function runMembers({ id, flowId, deploymentId, queueId, details, runCount, created, expectedStartTime }: FlowRun) {
  return {
    id,
    name: details.name,
    flow_id: flowId,
    deployment_id: deploymentId,
    deployment_version: details.deploymentVersion,
    flow_version: details.flowVersion,
    work_queue_id: queueId,
    parameters: details.parameters,
    context: details.context,
    tags: details.tags,
    labels: details.labels,
    idempotency_key: details.idempotencyKey,
    auto_scheduled: details.autoScheduled,
    run_count: runCount,
    created: formatInstant(created),
    expected_start_time: formatInstant(expectedStartTime),
  }
}
