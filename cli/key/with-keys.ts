import type { KeyRing } from '../../local/keys/key-ring.ts'
import type { Place } from './place.ts'

/** Does something with the keys of a place, and closes it. What fails raises an error with a sentence for people. */
export async function withKeys<T>(place: Place, act: (keys: KeyRing) => Promise<T>): Promise<T> {
  const keys = await openKeys(place)
  try {
    return await act(keys)
  } finally {
    await keys.close()
  }
}

/** Imports what the place needs, and no more: an API needs neither the AWS SDK nor an engine. */
async function openKeys(place: Place): Promise<KeyRing> {
  switch (place.kind) {
    case 'api':
      return (await import('./keys-behind-api.ts')).keysBehindApi(place)
    case 'table':
      return (await import('../../local/keys/keys-in-table.ts')).keysOnAws(place)
    case 'folder':
      return await (await import('../../local/keys/keys-in-folder.ts')).keysInFolder(place)
  }
}
