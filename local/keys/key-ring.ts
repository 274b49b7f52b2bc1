import type * as z from 'zod/mini'
import type { ApiKeyOut, createApiKey, NewApiKeyOut } from '#shared/contract/api-key/api-key.ts'

/** The input for a new key, as the API takes it. */
export type KeyInput = z.input<NonNullable<typeof createApiKey.body>>
export type ListedKey = z.output<typeof ApiKeyOut>
export type NewKey = z.output<typeof NewApiKeyOut>

/** A place where keys are kept. Each call raises an error whose message is a sentence for people. */
export interface KeyRing {
  /** Creates another key each time it is called. */
  create(input: KeyInput): Promise<NewKey>
  /** All keys, newest first. */
  list(): Promise<ListedKey[]>
  revoke(keyId: string): Promise<void>
  close(): Promise<void>
}
