import { readDocument as readWorkerTypes } from '../documents/worker-types.ts'

/**
 * The template of a pool that is created without one: push pools have no worker that would bring it. Undefined for other
 * types. (`prefect deploy` creates pools so, and refuses images to pools whose template knows none.)
 */
export function defaultTemplate(type: string): Record<string, unknown> | undefined {
  return type === 'ecs:push' ? readWorkerTypes()['prefect-aws']?.[type]?.default_base_job_configuration : undefined
}
