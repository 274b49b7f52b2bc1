import { claimingAgent, operateAgents } from './agents.ts'
import { changeRun, deleteRun } from './change-runs.ts'
import {
  createAgain,
  createAtWork,
  createBurst,
  createDirectly,
  createRuns,
  createUnderWriters,
} from './create-runs.ts'
import { changeDeployment, changeSchedule, deleteDeployment } from './deployments.ts'
import { changeGlobalLimit, leaseSlots, looseSlots, tagSlots } from './limits.ts'
import { agent, changeOldQueue } from './old-queues.ts'
import { changePool, deletePool } from './pools.ts'
import { crowd, flicker, limitFirst } from './pressure.ts'
import { changeQueue, deleteQueue, makeQueue } from './queues.ts'
import { look } from './reads.ts'
import { keepRecords } from './records.ts'
import { cancelRun, forceRun, resumeRun, retryRun, suspendRun } from './run-states.ts'
import { changeTaskRun } from './task-runs.ts'
import type { Verb } from './verb.ts'
import { serve, worker } from './workers.ts'

/** All that clients of a world do by themselves. */
export const VERBS: readonly Verb[] = [
  createRuns,
  createBurst,
  createAgain,
  createUnderWriters,
  createAtWork,
  createDirectly,
  cancelRun,
  retryRun,
  forceRun,
  suspendRun,
  resumeRun,
  changeRun,
  deleteRun,
  changeTaskRun,
  worker,
  serve,
  agent,
  claimingAgent,
  operateAgents,
  changeOldQueue,
  changePool,
  deletePool,
  changeQueue,
  makeQueue,
  deleteQueue,
  changeDeployment,
  deleteDeployment,
  flicker,
  limitFirst,
  crowd,
  changeSchedule,
  changeGlobalLimit,
  leaseSlots,
  looseSlots,
  tagSlots,
  keepRecords,
  look,
]
