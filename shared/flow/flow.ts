import type { Instant } from '#shared/instant.ts'

export interface Flow {
  id: string
  name: string
  tags: string[]
  labels: Record<string, unknown>
  created: Instant
  updated: Instant
}
