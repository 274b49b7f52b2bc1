import { onTestFinished } from 'vitest'
import { openEcs } from '#shared/aws/ecs-client.ts'
import { EcsTasks } from '#shared/aws/ecs-tasks.ts'
import type { TaskDefinitionRecords } from '#shared/aws/task-definitions.ts'
import { DispatcherEnv, type EcsEnv, parseEnv } from '#shared/config.ts'
import { CLUSTER_ARN, EcsServer } from './ecs-server.ts'

/** The environment of a dispatcher, as the stack might give it. */
export const ecsEnv: EcsEnv = parseEnv(DispatcherEnv, {
  STACK_NAME: 'pushpool',
  TABLE_NAME: 'pushpool',
  WAKE_UP_QUEUE_URL: 'http://127.0.0.1:9/wake-ups',
  API_URL: 'https://api.example.com/api',
  CLUSTER_ARN,
  SUBNET_IDS: 'subnet-a, subnet-b',
  SECURITY_GROUP_IDS: 'sg-tasks',
  ASSIGN_PUBLIC_IP: 'true',
  TASK_ROLE_ARN: 'arn:aws:iam::123456789012:role/task',
  EXECUTION_ROLE_ARN: 'arn:aws:iam::123456789012:role/execution',
  TASK_LOG_GROUP: '/pushpool/tasks',
  TASK_FAMILY_PREFIX: 'pushpool',
  LAUNCHES_PER_SECOND: '10',
  LAUNCH_BURST: '50',
})

/** Records in memory, to be shared between adapters. */
function recordsInMemory(): TaskDefinitionRecords & { arns: Map<string, string> } {
  const arns = new Map<string, string>()
  return {
    arns,
    find: (hash) => Promise.resolve(arns.get(hash)),
    add: (hash, arn) => {
      const absent = !arns.has(hash)
      if (absent) arns.set(hash, arn)
      return Promise.resolve(absent)
    },
    forget: (hash, arn) => {
      if (arns.get(hash) === arn) arns.delete(hash)
      return Promise.resolve()
    },
  }
}

export interface EcsBench {
  server: EcsServer
  tasks: EcsTasks
  records: ReturnType<typeof recordsInMemory>
  warnings: string[]
  /** Another process with the same table and ECS. */
  another: () => EcsTasks
}

/** The adapter over the real SDK, against a separate ECS. */
export async function openEcsBench(env: Partial<EcsEnv> = {}): Promise<EcsBench> {
  const server = await EcsServer.open()
  const records = recordsInMemory()
  const warnings: string[] = []
  const log = { info: () => {}, warn: (message: string) => warnings.push(message), error: () => {} }
  const another = () => {
    const client = openEcs(server.endpoint)
    onTestFinished(() => client.destroy())
    return new EcsTasks({ client, env: { ...ecsEnv, ...env }, records, log })
  }
  return { server, tasks: another(), records, warnings, another }
}
