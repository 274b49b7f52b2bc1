import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** The fields of a block type in one of its versions; never changed once it is there. */
export interface BlockSchema {
  id: string
  typeId: string
  /** `sha256:…` of the fields, as Prefect's clients compute it; see schema-checksum.ts. */
  checksum: string
  version: string
  /** A JSON schema, with Prefect's `secret_fields` and `block_schema_references`. */
  fields: Record<string, unknown>
  capabilities: string[]
  created: Instant
  updated: Instant
}

/** Prefect's version of a schema whose package has none. */
export const UNVERSIONED = 'non-versioned'

/** The id that the schema of this content and version always has (Prefect's unique key of schemas). */
export function blockSchemaIdOf(checksum: string, version: string): string {
  return idFromName('block-schema', checksum, version)
}
