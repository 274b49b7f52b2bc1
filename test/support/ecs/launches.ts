import { type LaunchRequest, launchToken, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { NO_EXTRAS } from '#shared/ecs-task/launch-extras.ts'
import { LIFE } from '../fixtures/a-run.ts'

let launches = 0

/** A launch request for a new run. */
export function launchOf(rest: Partial<LaunchRequest> = {}): LaunchRequest {
  launches += 1
  const runId = `0192f0c1-2d3e-7a4b-8c5d-${String(launches).padStart(12, '0')}`
  const handOut = { id: runId, life: LIFE, generation: 1 }
  return {
    token: launchToken(handOut, 1),
    startedBy: startedByOf(handOut),
    runId,
    name: 'brisk-heron',
    labels: {},
    command: ['true'],
    image: 'busybox:1.37',
    env: {},
    cpu: null,
    memoryMib: null,
    configuration: {},
    extras: NO_EXTRAS,
    ...rest,
  }
}
