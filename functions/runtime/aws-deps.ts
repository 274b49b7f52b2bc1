import { QueuedStops } from '#shared/aws/queued-stops.ts'
import { openSqs } from '#shared/aws/sqs-client.ts'
import { SqsWakeUps } from '#shared/aws/sqs-wake-ups.ts'
import type { EngineEnv } from '#shared/config.ts'
import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { answersAt } from './answers-at.ts'
import type { Observer } from './observe.ts'
import { systemClock, systemIds } from './system.ts'

/**
 * The engine's ports on AWS, for functions without ECS permissions: they launch nothing, and leave stops to the
 * dispatcher. ecs-deps.ts has the ports of the others, apart from these, so that ECS's client is only in the bundles
 * that use it.
 */
export function awsDeps(env: EngineEnv & { REQUIRE_KEYS?: boolean }, { log, metrics }: Observer): Deps {
  const queue = { client: openSqs(), url: env.WAKE_UP_QUEUE_URL }
  return {
    table: openTable({ tableName: env.TABLE_NAME }),
    clock: systemClock,
    ids: systemIds,
    wakeUps: new SqsWakeUps(queue),
    tasks: new QueuedStops(queue),
    log,
    metrics,
    answers: answersAt(env.API_URL),
    settings: { apiUrl: env.API_URL, requireKeys: env.REQUIRE_KEYS ?? true },
    launchBucket: new LaunchBucket(0, 0),
  }
}
