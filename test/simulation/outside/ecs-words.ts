import type { RunTaskOutcome } from '#shared/deps.ts'
import type { TaskScript } from '../../support/ecs/simulated-ecs.ts'

function refused(reason: string, detail: string | null = null): RunTaskOutcome {
  return { kind: 'refused', reasons: [{ reason, detail }] }
}

function thrown(name: string, message: string, fault: 'server' | 'client' = 'server'): Error {
  return Object.assign(new Error(message), { name, $fault: fault })
}

/** What RunTask says when room or quota is missing for now. */
export const PASSING: readonly RunTaskOutcome[] = [
  refused('RESOURCE:MEMORY'),
  refused('RESOURCE:CPU'),
  refused('RESOURCE:ENI'),
  refused('AGENT'),
  {
    kind: 'refused',
    reasons: [
      { reason: 'ATTRIBUTE', detail: 'ecs.os-type' },
      { reason: 'RESOURCE:CPU', detail: null },
    ],
  },
  refused('LOCATION'),
  refused('Capacity is unavailable at this time. Please try again later or in a different availability zone'),
  refused("You've reached the limit on the number of vCPUs you can run concurrently"),
  refused('ClientException', 'Capacity is unavailable at this time. Please try again later'),
  refused('ClientException', 'Tasks provisioning capacity limit exceeded.'),
  refused('InvalidParameterException', 'No Container Instances were found in your cluster.'),
  refused('ThrottlingException', 'Rate exceeded'),
  refused('LimitExceededException', 'The limit for the resource was exceeded.'),
  { kind: 'throttled' },
]

/** What RunTask says of a launch that never can be, and in words that nobody has read before. */
export const LASTING: readonly RunTaskOutcome[] = [
  refused('MISSING'),
  refused('INACTIVE'),
  refused('ClientException', 'TaskDefinition is inactive'),
  refused('ClusterNotFoundException', 'Cluster not found.'),
  refused('InvalidParameterException', 'Subnet subnet-1 does not exist.'),
  refused('AccessDeniedException', 'User is not authorized to perform: iam:PassRole'),
  refused('PlatformUnknownException', 'The specified platform version does not exist.'),
  refused('UnsupportedFeatureException', 'The specified task is not supported in this Region.'),
]
export const UNHEARD_OF: readonly RunTaskOutcome[] = [
  { kind: 'refused', reasons: [] },
  refused('SOMETHING_NEW', 'which no documentation names'),
]

/** What leaves open whether a call did anything. */
export const OPEN: readonly Error[] = [
  thrown('ServerException', 'Service Unavailable. Please try again later.'),
  thrown('InternalFailure', 'We encountered an internal error.'),
  thrown('TimeoutError', 'socket hang up'),
  thrown('SyntaxError', 'Unexpected token < in JSON at position 0', 'client'),
]

/** How tasks end otherwise than by themselves, by ECS's words. */
export const ENDS: readonly NonNullable<TaskScript['ends']>[] = [
  ...[
    'CannotPullContainerError: pull image manifest has been retried 5 time(s)',
    'ResourceInitializationError: unable to pull secrets or registry auth',
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    'RESOURCE:MEMORY',
    'Timeout waiting for network interface provisioning to complete.',
    'Unexpected EC2 error while attempting to create network interface: InsufficientFreeAddressesInSubnet',
  ].map((stoppedReason) => ({ stopCode: 'TaskFailedToStart', stoppedReason, exitCode: null })),
  ...[143, null].map((exitCode) => ({
    stopCode: 'SpotInterruption',
    stoppedReason: 'Your Spot Task was interrupted.',
    exitCode,
  })),
  { stopCode: 'TerminationNotice', stoppedReason: 'Host EC2 (instance i-0123456789) terminated.', exitCode: null },
  { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', exitCode: 137 },
  { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', exitCode: null },
  { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by a person', exitCode: 143 },
  { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated', exitCode: null },
]
