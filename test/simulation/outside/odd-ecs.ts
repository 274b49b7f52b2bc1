import type { RunTaskOutcome } from '#shared/deps.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import type { SimulatedEcs, TaskScript } from '../../support/ecs/simulated-ecs.ts'
import type { Chance } from '../machine/chance.ts'

/** What RunTask says when it starts nothing, or leaves open whether it did. */
const REFUSALS: readonly (RunTaskOutcome | Error)[] = [
  { kind: 'refused', reasons: [{ reason: 'RESOURCE:MEMORY', detail: null }] },
  {
    kind: 'refused',
    reasons: [
      { reason: 'RESOURCE:CPU', detail: null },
      { reason: 'AGENT', detail: null },
    ],
  },
  {
    kind: 'refused',
    reasons: [
      {
        reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
        detail: null,
      },
    ],
  },
  {
    kind: 'refused',
    reasons: [{ reason: "You've reached the limit on the number of vCPUs you can run concurrently", detail: null }],
  },
  { kind: 'throttled' },
  Object.assign(new Error('Service Unavailable. Please try again later.'), {
    name: 'ServerException',
    $fault: 'server',
  }),
]

/** How tasks end otherwise than by themselves, by ECS's words. */
const ENDS: readonly NonNullable<TaskScript['ends']>[] = [
  {
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotPullContainerError: pull image manifest has been retried',
    exitCode: null,
  },
  {
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'ResourceInitializationError: unable to pull secrets',
    exitCode: null,
  },
  { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: 143 },
  { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: null },
  { stopCode: 'TerminationNotice', stoppedReason: 'Host EC2 (instance i-0123456789) terminated.', exitCode: null },
  { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', exitCode: 137 },
  { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by a person', exitCode: 143 },
]

export interface EcsMood {
  /** The share of launches that are refused and of tasks that end oddly, from 0 to 1. */
  odd: number
  visibleAfterSeconds: number
}

/** Gives an ECS the habits of a world: each task's fate depends on its launch alone. */
export function setHabits(ecs: SimulatedEcs, all: Chance, mood: () => EcsMood): void {
  let asked = 0
  ecs.refuse = ({ token }) => {
    asked += 1
    const chance = all.of(`${token}#${asked}`)
    return chance.hits(mood().odd) ? chance.pick(REFUSALS) : undefined
  }
  ecs.script = (request) => scriptOf(request, all.of(request.token), mood().odd)
}

function scriptOf({ command, token }: LaunchRequest, chance: Chance, odd: number): Partial<TaskScript> {
  const timed = command[0] === 'work'
  const script: Partial<TaskScript> = {
    startsAfterSeconds: chance.next() * 15,
    runsForSeconds: timed && chance.hits(0.5) ? null : 2 + chance.next() * 40,
    exitCode: chance.hits(0.25) ? 1 : 0,
    stopsWithinSeconds: chance.next() * 10,
  }
  if (!chance.hits(odd)) return script
  const kind = chance.of(`${token} end`)
  // A task in ten of these never gets past PROVISIONING.
  if (kind.hits(0.1)) return { ...script, startsAfterSeconds: null }
  return { ...script, ends: kind.pick(ENDS) }
}
