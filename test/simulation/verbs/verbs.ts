import { changeGlobalLimit, leaseSlots, tagSlots } from './limits.ts'
import {
  changeDeployment,
  changePool,
  changeQueue,
  deleteDeployment,
  deletePool,
  deleteQueue,
  makeQueue,
} from './operators.ts'
import { cancelRun, changeRun, createRuns, deleteRun, resumeRun, retryRun } from './runs.ts'
import type { Verb } from './verb.ts'
import { serve, worker } from './workers.ts'

/** All that clients of a world do by themselves. */
export const VERBS: readonly Verb[] = [
  createRuns,
  cancelRun,
  retryRun,
  changeRun,
  deleteRun,
  resumeRun,
  worker,
  serve,
  changePool,
  changeQueue,
  makeQueue,
  deleteQueue,
  deletePool,
  changeDeployment,
  deleteDeployment,
  changeGlobalLimit,
  leaseSlots,
  tagSlots,
]
