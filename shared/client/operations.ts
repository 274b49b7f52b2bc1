import { admin } from './operations/admin.ts'
import { agents } from './operations/agents.ts'
import { apiKeys } from './operations/api-keys.ts'
import { artifacts } from './operations/artifacts.ts'
import { automations } from './operations/automations.ts'
import { blockDocuments } from './operations/block-documents.ts'
import { blockSchemas } from './operations/block-schemas.ts'
import { blockTypes } from './operations/block-types.ts'
import { collections } from './operations/collections.ts'
import { deployments } from './operations/deployments.ts'
import { events } from './operations/events.ts'
import { flowRunInputs } from './operations/flow-run-inputs.ts'
import { flowRunStates } from './operations/flow-run-states.ts'
import { flowRuns } from './operations/flow-runs.ts'
import { flows } from './operations/flows.ts'
import { globalConcurrencyLimits } from './operations/global-concurrency-limits.ts'
import { logs } from './operations/logs.ts'
import { polls } from './operations/polls.ts'
import { tagLimits } from './operations/tag-limits.ts'
import { taskRuns } from './operations/task-runs.ts'
import { variables } from './operations/variables.ts'
import { workPools } from './operations/work-pools.ts'
import { workQueues } from './operations/work-queues.ts'
import { workQueuesById } from './operations/work-queues-by-id.ts'
import { workers } from './operations/workers.ts'

type Operations = typeof globalConcurrencyLimits &
  typeof tagLimits &
  typeof agents &
  typeof automations &
  typeof blockDocuments &
  typeof deployments &
  typeof flowRuns &
  typeof flows &
  typeof taskRuns &
  typeof variables &
  typeof workPools &
  typeof apiKeys &
  typeof artifacts &
  typeof blockSchemas &
  typeof blockTypes &
  typeof flowRunInputs &
  typeof workQueuesById &
  typeof logs &
  typeof workQueues &
  typeof workers &
  typeof collections &
  typeof admin &
  typeof flowRunStates &
  typeof events &
  typeof polls

/** The methods and paths of the API. Generated from shared/contract by `npm run client-table`; don't edit. */
export const OPERATIONS: Operations = {
  ...globalConcurrencyLimits,
  ...tagLimits,
  ...agents,
  ...automations,
  ...blockDocuments,
  ...deployments,
  ...flowRuns,
  ...flows,
  ...taskRuns,
  ...variables,
  ...workPools,
  ...apiKeys,
  ...artifacts,
  ...blockSchemas,
  ...blockTypes,
  ...flowRunInputs,
  ...workQueuesById,
  ...logs,
  ...workQueues,
  ...workers,
  ...collections,
  ...admin,
  ...flowRunStates,
  ...events,
  ...polls,
}
