import type * as z from 'zod/mini'
import type { ApiKeyOut, createApiKey, NewApiKeyOut } from '#shared/contract/api-key/api-key.ts'

/** What a new key shall be, in the words of the API. */
export type KeyInput = z.input<NonNullable<typeof createApiKey.body>>
export type ListedKey = z.output<typeof ApiKeyOut>
export type NewKey = z.output<typeof NewApiKeyOut>

/** A place where keys are kept. Each call raises an error whose message is a sentence for people. */
export interface KeyRing {
  /** Makes a key each time that it is called. */
  create(wish: KeyInput): Promise<NewKey>
  /** All keys, the newest first. */
  list(): Promise<ListedKey[]>
  revoke(keyId: string): Promise<void>
  close(): Promise<void>
}
