import { expect, it } from 'vitest'
import { ApiEnv, AuthorizerEnv, DispatcherEnv, parseEnv } from '#shared/config.ts'

const dispatcher = {
  STACK_NAME: 'pushpool',
  TABLE_NAME: 'pushpool',
  WAKE_UP_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/wake-ups',
  CLUSTER_ARN: 'arn:aws:ecs:eu-west-1:123456789012:cluster/pushpool',
  API_URL: 'https://example.test/api',
  SUBNET_IDS: 'subnet-1,subnet-2',
  SECURITY_GROUP_IDS: 'sg-1',
  ASSIGN_PUBLIC_IP: 'true',
  TASK_ROLE_ARN: 'arn:aws:iam::123456789012:role/task',
  EXECUTION_ROLE_ARN: 'arn:aws:iam::123456789012:role/execution',
  TASK_LOG_GROUP: '/pushpool/tasks',
  TASK_FAMILY_PREFIX: 'pushpool-',
  LAUNCHES_PER_SECOND: '18.5',
  LAUNCH_BURST: '100',
}

it("parses a function's environment and drops what is not its own", () => {
  const env = parseEnv(DispatcherEnv, { ...dispatcher, AWS_SECRET_ACCESS_KEY: 'x' })
  expect(env).toMatchObject({ ASSIGN_PUBLIC_IP: true, LAUNCHES_PER_SECOND: 18.5, LAUNCH_BURST: 100 })
  expect(env).not.toHaveProperty('AWS_SECRET_ACCESS_KEY')
})

it('names every variable that is missing or wrong at once', () => {
  const read = () => parseEnv(DispatcherEnv, { ...dispatcher, TABLE_NAME: '', CLUSTER_ARN: 'x', API_URL: undefined })
  for (const name of ['TABLE_NAME', 'CLUSTER_ARN: must be an ARN', 'API_URL']) expect(read).toThrow(name)
})

it.each(['TRUE', '1', 'yes', ''])('rejects %j for whether keys are required', (text) => {
  expect(() => parseEnv(AuthorizerEnv, { STACK_NAME: 's', TABLE_NAME: 't', REQUIRE_KEYS: text })).toThrow(
    'REQUIRE_KEYS',
  )
})

it.each(['0', '-1', '1e3', 'NaN', '', ' 5'])('rejects %j for a number of launches', (text) => {
  expect(() => parseEnv(DispatcherEnv, { ...dispatcher, LAUNCH_BURST: text })).toThrow('LAUNCH_BURST')
})

it('gives the API no access to ECS', () => {
  expect(Object.keys(ApiEnv.shape).filter((name) => /CLUSTER|ROLE|SUBNET/.test(name))).toEqual([])
})
