import { describe, expect, it } from 'vitest'
import { classifyRefusal, type RefusalReason, refusalBackoffSeconds } from '#shared/ecs-task/launch-failure.ts'

const reason = (text: string, detail: string | null = null): RefusalReason => ({ reason: text, detail })
const SEE_SECTION = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

/** What ECS says when room or quota is missing, and where it was seen. */
const PASSING: [from: string, RefusalReason][] = [
  // RunTask's failures[].
  ['ECS developer guide, API failure reasons', reason('RESOURCE:CPU')],
  ['ECS developer guide, API failure reasons', reason('RESOURCE:MEMORY')],
  ['ECS developer guide, API failure reasons', reason('RESOURCE:ENI')],
  ['ECS developer guide, API failure reasons', reason('RESOURCE:PORTS')],
  ['ECS developer guide, API failure reasons', reason('RESOURCE:GPU')],
  ['ECS developer guide, API failure reasons', reason('RESOURCE:*', 'every instance is full')],
  ['ECS developer guide, API failure reasons', reason('AGENT')],
  ['ECS developer guide, API failure reasons', reason('AGENT', 'the agent is disconnected')],
  ['ECS developer guide, API failure reasons', reason('LOCATION', 'the instance is in another zone than the volume')],
  ['dask/dask-cloudprovider#299', reason('The requested CPU configuration is above your limit')],
  ['ECS developer guide, service event messages', reason('The requested MEMORY configuration is above your limit.')],
  [
    'ECS developer guide, service event messages (with that apostrophe)',
    reason(`You’ve reached the limit on the number of vCPUs you can run concurrently. ${SEE_SECTION}`),
  ],
  [
    'wellcomecollection/platform#3875',
    reason("You've reached the limit on the number of tasks you can run concurrently"),
  ],
  [
    'aws/copilot-cli#2685',
    reason(`You've reached the limit on the number of spot tasks you can run concurrently. ${SEE_SECTION}`),
  ],
  [
    'gchq/sleeper#904, AWS re:Post ecs-fargate-runtask-capacity',
    reason('Capacity is unavailable at this time. Please try again later or in a different availability zone'),
  ],
  ['aws/containers-roadmap#2034', reason('Fargate capacity is unavailable at this time.')],
  // Exceptions that guarantee that nothing was started.
  [
    'flightcontrol.dev, concurrent-cpu-limit',
    reason('ClientException', "You've reached the limit on the number of vCPUs you can run concurrently."),
  ],
  ['gchq/sleeper#904', reason('ClientException', 'Capacity is unavailable at this time. Please try again later')],
  [
    'DIAGNijmegen/rse-grand-challenge#2013, aws/aws-sdk-ruby#3047',
    reason('ClientException', 'Tasks provisioning capacity limit exceeded.'),
  ],
  [
    'aws/amazon-ecs-cli#1122, jenkinsci/amazon-ecs-plugin#217',
    reason('InvalidParameterException', 'No Container Instances were found in your cluster.'),
  ],
  [
    'aws-samples/cost-effective-aws-deployment-of-comfyui#39',
    reason('InvalidParameterException', 'No Container Instances were found in your capacity provider.'),
  ],
  [
    'ECS, of RegisterTaskDefinition',
    reason('ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'),
  ],
  [
    'dask/dask-cloudprovider#56',
    reason(
      'InvalidParameterException',
      'Error retrieving security group information for [sg-05937427457b61ff5]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)',
    ),
  ],
  [
    'dagster-io/dagster#33439',
    reason(
      'InvalidParameterException',
      'Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)',
    ),
  ],
  ['ECS API reference, throttling', reason('ThrottlingException', 'Rate exceeded')],
  [
    'ECS API reference, RegisterTaskDefinition',
    reason('LimitExceededException', 'The limit for the resource was exceeded.'),
  ],
]
it.each(PASSING)('what is known from %s is transient: the run waits, however often: %o', (_, given) => {
  for (const before of [0, 5, 1_000, 1_000_000]) expect(classifyRefusal([given], before).kind).toBe('transient')
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
  reason('InvalidParameterException', 'Invalid CPU or memory value specified'),
  reason('InvalidParameter', "job variable 'image' is required: the stack has no default image"),
  reason('AccessDeniedException', 'User is not authorized to perform: iam:PassRole'),
  reason('PlatformUnknownException', 'The specified platform version does not exist.'),
  reason('PlatformTaskDefinitionIncompatibilityException', 'Fargate does not support this.'),
  reason('UnsupportedFeatureException', 'The specified task is not supported in this Region.'),
]
it.each(LASTING)('%o is permanent: the run ends at once', (given) => {
  expect(classifyRefusal([given], 0).kind).toBe('permanent')
})

it.each([
  reason('ClientException', "Override for container named 'rate exceeded' is not a container in the TaskDefinition."),
  reason('InvalidParameter', "job variable 'limit on concurrent vCPUs': not known"),
  reason('AccessDenied', "job variable 'cluster': capacity is unavailable is not allowed"),
])('%o is permanent, though a name in it reads like a lack of capacity', (given) => {
  expect(classifyRefusal([given], 0).kind).toBe('permanent')
})

/** The kinds of so many refusals in a row, for these reasons, each counted on from the one before. */
function refuseUntilItEnds(given: RefusalReason): { hours: number; message: string } {
  let [seconds, refusals] = [0, 0]
  for (;;) {
    const failure = classifyRefusal([given], refusals)
    if (failure.kind === 'permanent') return { hours: seconds / 3600, message: failure.message }
    refusals = failure.refusals
    seconds += refusalBackoffSeconds(refusals)
  }
}

describe('an unknown reason', () => {
  it.each([
    reason('SOMETHING_NEW'),
    reason('Internal error.'),
    reason('BlockedException', 'Your account is currently blocked.'),
    reason('UnrecognizedClientException', 'The security token included in the request is invalid.'),
  ])('%o is waited for half a day, and then ends the run with what ECS said', (given) => {
    const { hours, message } = refuseUntilItEnds(given)
    expect(hours).toBeGreaterThanOrEqual(12)
    expect(hours).toBeLessThan(12.2)
    expect(message).toContain(given.reason)
  })

  it('gets its half day after days without capacity too', () => {
    let refusals = 0
    for (let day = 0; day < 1_000; day += 1) {
      const failure = classifyRefusal([reason('RESOURCE:CPU')], refusals)
      if (failure.kind === 'transient') refusals = failure.refusals
    }
    expect(refusalBackoffSeconds(refusals)).toBe(300)
    expect(classifyRefusal([reason('SOMETHING_NEW')], refusals).kind).toBe('transient')
    expect(classifyRefusal([reason('SOMETHING_NEW')], refusals + 100).kind).toBe('transient')
  })

  it('may be missing altogether', () => {
    expect(classifyRefusal([], 0)).toEqual({
      kind: 'transient',
      message: 'ECS started no task: no reason given',
      refusals: 1,
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
