import type { Key } from '#shared/storage/dynamo/table.ts'
import { kindOf, type Rival } from './rival.ts'
import { RIVALS_OF_LIMITS } from './rivals-of-limits.ts'
import {
  RIVALS_OF_API_KEYS,
  RIVALS_OF_BLOCK_DOCUMENTS,
  RIVALS_OF_BLOCK_SCHEMAS,
  RIVALS_OF_DELETIONS,
  RIVALS_OF_DEPLOYMENTS,
  RIVALS_OF_FLOWS,
  RIVALS_OF_GLOBAL_LIMITS,
  RIVALS_OF_HINTS,
  RIVALS_OF_INPUTS,
  RIVALS_OF_LEASES,
  RIVALS_OF_RECORDS,
  RIVALS_OF_SESSIONS,
  RIVALS_OF_TASK_RUNS,
  RIVALS_OF_UPTIME,
} from './rivals-of-others.ts'
import { RIVALS_OF_LINES, RIVALS_OF_POOLS, RIVALS_OF_QUEUES, RIVALS_OF_WORKERS } from './rivals-of-places.ts'
import { RIVALS_OF_RUNS } from './rivals-of-runs.ts'

const RIVALS: Record<string, readonly Rival[]> = {
  run: RIVALS_OF_RUNS,
  'task-run': RIVALS_OF_TASK_RUNS,
  'limit#pool': RIVALS_OF_LIMITS,
  'limit#queue': RIVALS_OF_LIMITS,
  'limit#deployment': RIVALS_OF_LIMITS,
  'limit#global': RIVALS_OF_GLOBAL_LIMITS,
  lease: RIVALS_OF_LEASES,
  pools: RIVALS_OF_POOLS,
  queues: RIVALS_OF_QUEUES,
  workers: RIVALS_OF_WORKERS,
  lines: RIVALS_OF_LINES,
  deployments: RIVALS_OF_DEPLOYMENTS,
  flows: RIVALS_OF_FLOWS,
  variables: RIVALS_OF_RECORDS,
  artifacts: RIVALS_OF_RECORDS,
  'block-types': RIVALS_OF_RECORDS,
  'block-schemas': RIVALS_OF_BLOCK_SCHEMAS,
  'block-documents': RIVALS_OF_BLOCK_DOCUMENTS,
  'api-keys': RIVALS_OF_API_KEYS,
  deletions: RIVALS_OF_DELETIONS,
  inputs: RIVALS_OF_INPUTS,
  service: RIVALS_OF_UPTIME,
  'room-hints': RIVALS_OF_HINTS,
  agents: RIVALS_OF_SESSIONS,
  'lost-sessions': RIVALS_OF_SESSIONS,
}

/** What others may have done to an item before a write of it. */
export function rivalsOf(key: Key): readonly Rival[] {
  return RIVALS[kindOf(key) ?? ''] ?? []
}
