import { ApiError, ConnectionError, createClient, type ReplyOf } from '#shared/client/create-client.ts'
import type { KeyRing } from '../../local/keys/key-ring.ts'

interface Api {
  url: string
  apiKey: string | undefined
}

type ListedKeys = ReplyOf<'listApiKeys'>

/** The keys of a running service, through its API. */
export function keysBehindApi({ url, apiKey }: Api): KeyRing {
  const client = createClient({ url, apiKey, keepAlive: false })
  const explained = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call
    } catch (error) {
      throw explain(error, apiKey !== undefined)
    }
  }
  const list = async () => {
    const keys: ListedKeys = []
    for await (const key of client.listApiKeys.each()) keys.push(key)
    return keys
  }
  return {
    create: (input) => explained(create(client.createApiKey(input))),
    list: () => explained(list()),
    revoke: (keyId) => explained(client.revokeApiKey({ id: keyId })),
    close: () => Promise.resolve(),
  }
}

/** A create is never repeated: it may have created a key, of which only its entry in the list is left. */
async function create<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const unknown = (error instanceof ConnectionError || error instanceof ApiError) && error.outcomeUnknown
    if (!unknown) throw error
    throw new Error(`${error.message} A key may have been created nevertheless; check with 'list'.`, { cause: error })
  }
}

function explain(error: unknown, hadKey: boolean): unknown {
  if (error instanceof ConnectionError && !error.outcomeUnknown) {
    return new Error(`${error.message} Is the service running?`, { cause: error })
  }
  if (!(error instanceof ApiError) || error.status !== 401) return error
  const why = hadKey
    ? 'The service rejected the key in PUSHPOOL_API_KEY; it may have expired or been revoked.'
    : 'The service requires an API key: set PUSHPOOL_API_KEY to one of scope admin. Create the first one with --table or --data.'
  return new Error(why, { cause: error })
}
