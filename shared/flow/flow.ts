import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

export interface Flow {
  id: string
  name: string
  tags: string[]
  labels: Record<string, unknown>
  created: Instant
  updated: Instant
}

/** The id that a flow of this name always has. */
export function flowIdOf(name: string): string {
  return idFromName('flow', name)
}
