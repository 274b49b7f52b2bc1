import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { openStorage, type StorageOptions } from './engine/storage.ts'
import { takeLock } from './lock.ts'
import { createLog } from './log.ts'
import { StartList } from './start-list.ts'

/**
 * Opens the table of a service that does not run, under the lock that the service would hold, so it can't start in
 * between. A missing folder is created as the service creates it. Throws FolderInUse, and what storage throws.
 */
export async function openStoppedService(options: StorageOptions): Promise<{ table: Table; close(): Promise<void> }> {
  const dataDir = resolve(options.dataDir)
  const started = new StartList(createLog('text', (line) => void process.stderr.write(line)))
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = takeLock(dataDir)
  started.add('lock', () => lock.release())
  try {
    const { table } = await openStorage({ ...options, dataDir }, started)
    return { table, close: () => started.stop() }
  } catch (error) {
    await started.stop()
    throw error
  }
}
