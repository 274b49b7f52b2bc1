import { DOCKER } from '../worker-types/docker.ts'
import { ECS } from '../worker-types/ecs.ts'
import { ECS_PUSH } from '../worker-types/ecs-push.ts'
import { KUBERNETES } from '../worker-types/kubernetes.ts'
import { PREFECT_AGENT, PROCESS } from '../worker-types/process.ts'
import type { WorkerType } from '../worker-types/worker-type.ts'

/**
 * The types of work pool that clients may choose from, by Python package and type: Prefect's view
 * `aggregate-worker-metadata`. Types that are not here work as well, since their workers bring their own templates.
 */
export function readDocument(): Record<string, Record<string, WorkerType>> {
  return {
    prefect: { process: PROCESS, 'prefect-agent': PREFECT_AGENT },
    'prefect-aws': { ecs: ECS, 'ecs:push': ECS_PUSH },
    'prefect-docker': { docker: DOCKER },
    'prefect-kubernetes': { kubernetes: KUBERNETES },
  }
}
