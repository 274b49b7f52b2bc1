import type { Endpoint } from './endpoint.ts'
import type { Contract } from './endpoints.ts'

type Name = keyof Contract

/** Lists and counts are POSTs for the sake of their filters; they change nothing. */
const READS = /\/(filter|count|paginate|explain|concurrency_status|get_scheduled_flow_runs|get_runs)$/

/** Idempotent POSTs and PATCHes. */
const SAME_AFTER_TWO: readonly Name[] = [
  // Set a value rather than change it by an amount.
  'setDeploymentScheduleActive',
  'setDeploymentScheduleInactive',
  'pauseDeployment',
  'resumeDeployment',
  'recordWorkerHeartbeat',
  'resumeAgent',
  'drainAgent',
  'renewLease',
  'createTagLimit',
  'resetTagLimitByTag',
  'setFlowRunLabels',
  'updateArtifact',
  'updateBlockDocument',
  'updateBlockType',
  'updateDeployment',
  'updateDeploymentSchedule',
  'updateFlow',
  'updateFlowRun',
  'updateTaskRun',
  'updateVariable',
  'updateWorkPool',
  'updateWorkQueue',
  'updateWorkQueueById',
  // A request id makes the second one get what the first did.
  'claimWork',
  // Existing lines are not stored again.
  'createLogs',
  // Return what already exists.
  'createBlockSchema',
  'createBlockType',
  'createDeployment',
  'createFlow',
  'createTaskRun',
  // Slots of tags are held by task runs, each of which holds one or none.
  'acquireTagSlots',
  'releaseTagSlots',
]

/** Creates that a key makes repeatable: with the same one they return what the first request created. */
const KEYED: readonly Name[] = ['createFlowRun', 'createFlowRunFromDeployment']

/** Why the others must not be sent again when it is not known whether they were carried out. */
export const UNREPEATABLE = {
  pauseAgent: 'begins the time anew',
  createApiKey: 'creates another key',
  createArtifact: 'creates another artifact',
  createAutomation: 'is rejected each time',
  createBlockDocument: 'the second finds the name taken',
  createDeploymentSchedules: 'the second adds the schedules again, or finds them there',
  createFlowRunInput: 'the second finds the key taken',
  createGlobalLimit: 'the second finds the name taken',
  createLegacyWorkQueue: 'the second finds the name taken',
  createVariable: 'the second finds the name taken',
  createWorkPool: 'the second finds the name taken',
  createWorkQueue: 'the second finds the name taken',
  acquireSlots: 'takes more slots',
  acquireSlotsWithLease: 'takes more slots',
  releaseSlots: 'gives back slots that others hold',
  releaseSlotsWithLease: 'the second finds the lease gone',
  resumeFlowRun: 'the second finds the run resumed, or paused for another reason',
  setFlowRunState: 'the second is a proposal of its own',
  setTaskRunState: 'the second is a proposal of its own',
  updateGlobalLimit: 'may rename what it names',
  updateVariableByName: 'may rename what it names',
} as const satisfies Partial<Record<Name, string>>

/**
 * Whether a request may be sent again when it is not known if the first was carried out: `keyed` with an idempotency key
 * only. The methods that HTTP calls idempotent may be.
 */
export function repeatabilityOf(name: string, { method, path }: Endpoint): 'always' | 'keyed' | undefined {
  if (method === 'GET' || method === 'PUT' || method === 'DELETE' || READS.test(path)) return 'always'
  if (includes(KEYED, name)) return 'keyed'
  return includes(SAME_AFTER_TWO, name) ? 'always' : undefined
}

const includes = (names: readonly string[], name: string) => names.includes(name)
