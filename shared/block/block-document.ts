import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'
import { isRecord } from '#shared/json/is-record.ts'

/** A configured block. */
export interface BlockDocument {
  id: string
  name: string
  typeId: string
  schemaId: string
  /** The block's fields. One that is another block is `{ "$ref": { "block_document_id": … } }`. */
  data: Record<string, unknown>
  /** Created by a client for its own use, and listed only on request. */
  anonymous: boolean
  created: Instant
  updated: Instant
}

/** The id that a type's block document of this name always has. */
export function blockDocumentIdOf(typeId: string, name: string): string {
  return idFromName('block-document', typeId, name)
}

/** The documents that a document's data refers to, by the fields that do (Prefect knows references at the top only). */
export function referencesIn(data: Record<string, unknown>): [field: string, documentId: string][] {
  return Object.entries(data).flatMap(([field, value]) => {
    const id = referredId(value)
    return id === undefined ? [] : [[field, id]]
  })
}

/** The id in `{ "$ref": { "block_document_id": … } }`; undefined for anything else. */
export function referredId(value: unknown): string | undefined {
  const id = isRecord(value) && isRecord(value.$ref) ? value.$ref.block_document_id : undefined
  return typeof id === 'string' ? id.toLowerCase() : undefined
}
