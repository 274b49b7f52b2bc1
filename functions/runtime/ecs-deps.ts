import { openEcs } from '#shared/aws/ecs-client.ts'
import { EcsTasks } from '#shared/aws/ecs-tasks.ts'
import type { TaskDefinitionRecords } from '#shared/aws/task-definitions.ts'
import type { EcsEnv } from '#shared/config.ts'
import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { deleteTaskDefinition } from '#shared/storage/task-definition/delete-task-definition.ts'
import { getTaskDefinition } from '#shared/storage/task-definition/get-task-definition.ts'
import { putTaskDefinition } from '#shared/storage/task-definition/put-task-definition.ts'
import { awsDeps } from './aws-deps.ts'
import type { Observer } from './observe.ts'

/** The engine's ports on AWS, for functions that launch and inspect tasks. */
export function ecsDeps(env: EcsEnv, observer: Observer): Deps {
  const deps = awsDeps(env, observer)
  const records = recordsIn(deps.table)
  return {
    ...deps,
    tasks: new EcsTasks({ client: openEcs(), env, records, log: observer.log }),
    launchBucket: new LaunchBucket(env.LAUNCHES_PER_SECOND, env.LAUNCH_BURST),
  }
}

function recordsIn(table: Table): TaskDefinitionRecords {
  return {
    find: (hash) => getTaskDefinition(table, hash),
    add: (hash, arn) => putTaskDefinition(table, hash, arn),
    forget: (hash, arn) => deleteTaskDefinition(table, hash, arn),
  }
}
