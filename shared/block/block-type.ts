import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** A kind of block, as a client registered it. All but its slug and name is for people. */
export interface BlockType {
  id: string
  slug: string
  name: string
  logoUrl: string | null
  documentationUrl: string | null
  description: string | null
  codeExample: string | null
  created: Instant
  updated: Instant
}

/** The id that the block type of this slug always has. */
export function blockTypeIdOf(slug: string): string {
  return idFromName('block-type', slug)
}
