import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { RunRef } from '#shared/flow-run/run-ref.ts'

/** The one table, with the client that reaches it. */
export interface Table {
  client: DynamoDBClient
  name: string
}

/**
 * The number of what is stored: of the items below, their attributes and their keys, and of the indexes. Who changes any
 * of it so that the code of before would read it wrongly, or the new code what is there, raises the number: a table of
 * another format is refused at the start (open-format.ts), and there is no migration.
 */
export const TABLE_FORMAT = 2

/**
 * Everything lives in one table. What exists, with its keys:
 *
 * | item             | pk                      | sk                      |
 * |------------------|-------------------------|-------------------------|
 * | run              | run#<run>               | run                     |
 * | run's details    | run#<run>               | details#<nn>            |
 * | run's logs       | logs#<run>#<life>       | <time>#<chunk>          |
 * | run's inputs     | inputs#<run>#<life>     | <input's key>           |
 * | task run         | task-run#<task run>     | run                     |
 * | its details      | task-run#<task run>     | details#<nn>            |
 * | limit            | limit#<limit key>       | limit                   |
 * | hint of room     | room-hints#<pool>       | <limit key>             |
 * | pool with waits  | waiting-pools           | <pool>                  |
 * | lease            | lease#<lease>           | lease                   |
 * | pool             | pools                   | <pool>                  |
 * | pool's lines     | lines                   | <pool>                  |
 * | queue            | queues#<pool>           | <queue>                 |
 * | poll of a pool   | queues#<pool>           | polled                  |
 * | renamed queue    | queue-names#<pool>      | <its name>              |
 * | worker           | workers#<pool>          | <worker name>           |
 * | flow             | flows                   | <flow>                  |
 * | deployment       | deployments             | <deployment>            |
 * | variable         | variables               | <variable>              |
 * | block type       | block-types             | <type>                  |
 * | block schema     | block-schemas           | <schema>                |
 * | block document   | block-documents         | <document>              |
 * | artifact         | artifacts               | <artifact>              |
 * | API key          | api-keys                | <key id>                |
 * | task definition  | task-definitions        | <hash of its content>   |
 * | deletion         | deletions               | <kind>#<id>#<life>      |
 * | format           | meta                    | format                  |
 * | uptime           | service                 | uptime                  |
 * | agent            | agents                  | <agent>                 |
 * | lost session     | lost-sessions           | <agent>#<session>       |
 */
export interface Key {
  pk: string
  sk: string
}

export const runKey = (runId: string): Key => ({ pk: `run#${runId}`, sk: 'run' })
export const runDetailsKey = (runId: string, chunk: number): Key => ({
  pk: `run#${runId}`,
  sk: `details#${String(chunk).padStart(2, '0')}`,
})
export const runInputKey = ({ id, life }: RunRef, key: string): Key => ({ pk: `inputs#${id}#${life}`, sk: key })
export const taskRunKey = (taskRunId: string): Key => ({ pk: `task-run#${taskRunId}`, sk: 'run' })
export const taskRunDetailsKey = (taskRunId: string, chunk: number): Key => ({
  pk: taskRunKey(taskRunId).pk,
  sk: `details#${String(chunk).padStart(2, '0')}`,
})
export const limitItemKey = (limitKey: string): Key => ({ pk: `limit#${limitKey}`, sk: 'limit' })
export const roomHintKey = (poolId: string, limitKey: string): Key => ({ pk: `room-hints#${poolId}`, sk: limitKey })
export const waitingPoolKey = (poolId: string): Key => ({ pk: 'waiting-pools', sk: poolId })
export const leaseKey = (leaseId: string): Key => ({ pk: `lease#${leaseId}`, sk: 'lease' })
export const poolKey = (poolId: string): Key => ({ pk: 'pools', sk: poolId })
export const poolLinesKey = (poolId: string): Key => ({ pk: 'lines', sk: poolId })
export const queueKey = (poolId: string, queueId: string): Key => ({ pk: `queues#${poolId}`, sk: queueId })
/** Stands among the ids of a pool's queues for the last poll that meant all of them. */
export const POOL_POLL_SORT = 'polled'
export const poolPollKey = (poolId: string): Key => ({ pk: `queues#${poolId}`, sk: POOL_POLL_SORT })
/** Leads from its name to a queue whose id is derived from another. */
export const queueNameKey = (poolId: string, name: string): Key => ({ pk: `queue-names#${poolId}`, sk: name })
export const workerKey = (poolId: string, name: string): Key => ({ pk: `workers#${poolId}`, sk: name })
export const flowKey = (flowId: string): Key => ({ pk: 'flows', sk: flowId })
export const deploymentKey = (deploymentId: string): Key => ({ pk: 'deployments', sk: deploymentId })
export const variableKey = (variableId: string): Key => ({ pk: 'variables', sk: variableId })
export const blockTypeKey = (typeId: string): Key => ({ pk: 'block-types', sk: typeId })
export const blockSchemaKey = (schemaId: string): Key => ({ pk: 'block-schemas', sk: schemaId })
export const blockDocumentKey = (documentId: string): Key => ({ pk: 'block-documents', sk: documentId })
export const artifactKey = (artifactId: string): Key => ({ pk: 'artifacts', sk: artifactId })
export const apiKeyKey = (keyId: string): Key => ({ pk: 'api-keys', sk: keyId })
export const taskDefinitionKey = (hash: string): Key => ({ pk: 'task-definitions', sk: hash })
export const FORMAT_KEY: Key = { pk: 'meta', sk: 'format' }
export const agentKey = (agentId: string): Key => ({ pk: 'agents', sk: agentId })
export const lostSessionKey = (agentId: string, session: string): Key => ({
  pk: 'lost-sessions',
  sk: `${agentId}#${session}`,
})
export const uptimeKey: Key = { pk: 'service', sk: 'uptime' }
export const deletionKey = (kind: string, { id, life }: { id: string; life: string }): Key => ({
  pk: 'deletions',
  sk: `${kind}#${id}#${life}`,
})
export const logsPartition = ({ id, life }: RunRef): string => `logs#${id}#${life}`

/**
 * The indexes over runs. `phase` moves with the run and carries what a decision reads, so that picking candidates needs
 * no second read; a projected attribute that changed apart from the key would cost a write, and none does. The two list
 * indexes have keys that never change: one write per run, ever. All runs share one key of `time`: its writes are
 * bounded by one partition (1,000 creates per second), far above what ECS can start.
 */
export const PHASE_INDEX = 'phase'
export const TIME_INDEX = 'time'
export const DEPLOYMENT_INDEX = 'deployment'
export const TIME_INDEX_KEY = 'runs'
/** Task runs are in the same index, those of each flow run under a key of their own. */
export const taskRunsListKey = ({ id, life }: RunRef): string => `tasks#${id}#${life}`
export const GLOBAL_LIMITS_LIST_KEY = 'global-limits'
/** Leases are in the phase index, those that run out first in front. */
export const LEASES_PHASE = 'leases'
/** So are sessions of agents that hold runs, by their lease. */
export const SESSIONS_PHASE = 'sessions'
/** Limits that a tick has to look at are in the phase index, so that it reads no other. */
export const LIMIT_PHASES = { counting: 'counting', cancelNew: 'cancel-new' } as const

/** The attributes that the phase index projects. */
const PHASE_PROJECTION = ['life', 'generation', 'deploymentId', 'queueId']

/** Unix seconds after which DynamoDB may drop an item; nothing relies on it for correctness. */
export const TTL_ATTRIBUTE = 'expiresAt'

/** The table's definition for CreateTable; the stack and the one-machine runtime both create it from this. */
export function tableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'phase', AttributeType: 'S' },
      { AttributeName: 'phaseSort', AttributeType: 'S' },
      { AttributeName: 'listKey', AttributeType: 'S' },
      { AttributeName: 'startAt', AttributeType: 'N' },
      { AttributeName: 'deploymentId', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: PHASE_INDEX,
        KeySchema: [
          { AttributeName: 'phase', KeyType: 'HASH' },
          { AttributeName: 'phaseSort', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: PHASE_PROJECTION },
      },
      {
        IndexName: TIME_INDEX,
        KeySchema: [
          { AttributeName: 'listKey', KeyType: 'HASH' },
          { AttributeName: 'startAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: DEPLOYMENT_INDEX,
        KeySchema: [
          { AttributeName: 'deploymentId', KeyType: 'HASH' },
          { AttributeName: 'startAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  } as const satisfies CreateTableCommandInput
}
