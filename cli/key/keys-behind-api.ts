import { ApiError, ConnectionError, createClient, type ReplyOf } from '#shared/client/create-client.ts'
import type { KeyRing } from '../../local/keys/key-ring.ts'

interface Api {
  url: string
  apiKey: string | undefined
}

type ListedKeys = ReplyOf<'listApiKeys'>

/** The keys of a service that runs, by its API. */
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
    create: (wish) => explained(create(client.createApiKey(wish))),
    list: () => explained(list()),
    revoke: (keyId) => explained(client.revokeApiKey({ id: keyId })),
    close: () => Promise.resolve(),
  }
}

/** A create is never repeated: it may have made a key, of which nothing but its entry in the list is left. */
async function create<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const unknown = (error instanceof ConnectionError || error instanceof ApiError) && error.outcomeUnknown
    if (!unknown) throw error
    throw new Error(`${error.message} It may have made a key nevertheless: look with 'list'.`, { cause: error })
  }
}

function explain(error: unknown, hadKey: boolean): unknown {
  if (error instanceof ConnectionError && !error.outcomeUnknown) {
    return new Error(`${error.message} Does the service run?`, { cause: error })
  }
  if (!(error instanceof ApiError) || error.status !== 401) return error
  const why = hadKey
    ? 'The service does not know the key in PUSHPOOL_API_KEY; it may have expired or been revoked.'
    : 'The service asks for a key: put one of scope admin into PUSHPOOL_API_KEY. The first one is made with --table or --data.'
  return new Error(why, { cause: error })
}
