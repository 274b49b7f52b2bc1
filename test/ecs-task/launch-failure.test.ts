import { describe, expect, it } from 'vitest'
import { classifyRefusal, type RefusalReason, refusalBackoffSeconds } from '#shared/ecs-task/launch-failure.ts'

const reason = (text: string, detail: string | null = null): RefusalReason => ({ reason: text, detail })

const PASSING: RefusalReason[] = [
  // RunTask's failures[], see "API failure reasons" in the ECS developer guide.
  reason('RESOURCE:CPU'),
  reason('RESOURCE:MEMORY'),
  reason('RESOURCE:ENI'),
  reason('RESOURCE:PORTS'),
  reason('RESOURCE:GPU'),
  reason('RESOURCE:*', 'every instance is full'),
  reason('AGENT'),
  reason('AGENT', 'the agent is disconnected'),
  reason('LOCATION', 'the instance is in another zone than the volume'),
  reason('Capacity is unavailable at this time. Please try again later or in a different availability zone'),
  // Errors that guarantee that nothing was started.
  reason('ClientException', "You've reached the limit on the number of vCPUs you can run concurrently"),
  reason('ClientException', "You've reached the limit on the number of tasks you can run concurrently"),
  reason('ClientException', 'Capacity is unavailable at this time. Please try again later'),
  reason('ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'),
  reason(
    'InvalidParameterException',
    'Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)',
  ),
  reason('ThrottlingException', 'Rate exceeded'),
]
it.each(PASSING)('%o is transient: the run waits again, however often it was refused', (given) => {
  expect(classifyRefusal([given], 0).kind).toBe('transient')
  expect(classifyRefusal([given], 1000).kind).toBe('transient')
})

const LASTING: RefusalReason[] = [
  reason('ATTRIBUTE', 'ecs.os-type'),
  reason('MISSING'),
  reason('INACTIVE'),
  reason('ClientException', 'TaskDefinition is inactive'),
  reason('ClientException', 'Unable to find task definition family:1'),
  reason('ClientException', 'Override for container named x is not a container in the TaskDefinition.'),
  reason('ClusterNotFoundException', 'Cluster not found.'),
  reason('InvalidParameterException', 'Container Overrides length must be at most 8192'),
  reason('InvalidParameterException', 'The specified capacity provider spot-2 was not found.'),
  reason('InvalidParameterException', 'Subnet subnet-1 does not exist. (NotFound)'),
  reason('AccessDeniedException', 'User is not authorized to perform: iam:PassRole'),
]
it.each(LASTING)('%o is permanent: the run ends', (given) => {
  expect(classifyRefusal([given], 0).kind).toBe('permanent')
})

describe('an unknown reason', () => {
  it('is treated as transient five times, and then as permanent', () => {
    const kinds = [0, 1, 4, 5, 6].map((before) => classifyRefusal([reason('SOMETHING_NEW')], before).kind)
    expect(kinds).toEqual(['transient', 'transient', 'transient', 'permanent', 'permanent'])
  })

  it('may be missing altogether', () => {
    expect(classifyRefusal([], 0)).toEqual({
      kind: 'transient',
      message: 'ECS started no task: no reason given',
    })
  })
})

it('of several failures, one for capacity is enough to wait', () => {
  const kind = (...reasons: string[]) =>
    classifyRefusal(
      reasons.map((text) => reason(text)),
      0,
    ).kind
  expect(kind('ATTRIBUTE', 'RESOURCE:CPU')).toBe('transient')
  expect(kind('RESOURCE:CPU', 'ATTRIBUTE')).toBe('transient')
  expect(kind('ATTRIBUTE', 'ATTRIBUTE')).toBe('permanent')
})

it("the message has AWS's own words", () => {
  const { message } = classifyRefusal([reason('RESOURCE:CPU'), reason('MISSING', 'i-0abc')], 0)
  expect(message).toBe('ECS started no task: RESOURCE:CPU; MISSING (i-0abc)')
})

it('the wait doubles from ten seconds to five minutes, and stays there', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map(refusalBackoffSeconds)).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
})
