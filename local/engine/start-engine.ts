import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStart, stillRuns } from '#shared/process/process-start.ts'
import { replaceFile } from '../replace-file.ts'
import { type DynamoDbEngine, startDynoxide } from './dynoxide.ts'

const ORPHAN_TERM_MS = 3_000
const ORPHAN_KILL_MS = 10_000
const POLL_MS = 10

/**
 * Starts the engine on a data folder that this process holds the lock of. dynoxide locks nothing, so an engine that
 * outlived a killed service is ended first: two on one file would both assume that they own it.
 */
export async function startEngine(folder: string): Promise<DynamoDbEngine> {
  const record = join(folder, 'engine.json')
  await endOrphan(record)
  const engine = await startDynoxide(join(folder, 'pushpool.db'), (pid) => {
    replaceFile(record, JSON.stringify({ pid, startedAt: processStart(pid) }))
  })
  return {
    ...engine,
    stop: async () => {
      await engine.stop()
      rmSync(record, { force: true })
    },
  }
}

async function endOrphan(record: string): Promise<void> {
  const { pid, startedAt } = readRecord(record)
  if (pid === undefined || startedAt === undefined || !stillRuns(pid, startedAt)) return
  process.kill(pid, 'SIGTERM')
  if (await ended(pid, startedAt, ORPHAN_TERM_MS)) return
  process.kill(pid, 'SIGKILL')
  if (await ended(pid, startedAt, ORPHAN_KILL_MS)) return
  throw new Error(`An engine of an earlier run (process ${pid}) holds the data folder and does not exit.`)
}

async function ended(pid: number, startedAt: string, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (stillRuns(pid, startedAt)) {
    if (Date.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

function readRecord(path: string): { pid?: number; startedAt?: string } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid?: number; startedAt?: string }
  } catch {
    return {}
  }
}
