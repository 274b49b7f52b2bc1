import type { Instant } from '../instant.ts'

export interface Flow {
  id: string
  name: string
  tags: string[]
  labels: Record<string, unknown>
  created: Instant
  updated: Instant
}
