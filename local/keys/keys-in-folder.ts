import type { StorageOptions } from '../engine/storage.ts'
import { FolderInUse } from '../lock.ts'
import { openStoppedService } from '../open-stopped-service.ts'
import type { KeyRing } from './key-ring.ts'
import { keysInTable } from './keys-in-table.ts'

/** The keys in the data folder of a service that is stopped; it can't start before this is closed. */
export async function keysInFolder(options: StorageOptions): Promise<KeyRing> {
  try {
    const stopped = await openStoppedService(options)
    return keysInTable(stopped.table, () => stopped.close())
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error
    throw new Error(
      `A service (process ${error.pid}) is using ${options.dataDir}. Omit --data to go through its API, ` +
        'or stop the service first.',
      { cause: error },
    )
  }
}
