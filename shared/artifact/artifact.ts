import type { Instant } from '#shared/instant.ts'

/** A result that a flow presents to users: a table, text, link or progress. */
export interface Artifact {
  id: string
  /** Shared by successive versions of one artifact. */
  key: string | null
  type: string | null
  description: string | null
  /** Any JSON, by its type. */
  data: unknown
  metadata: Record<string, string> | null
  flowRunId: string | null
  taskRunId: string | null
  created: Instant
  updated: Instant
}

/** All but the data, which may be large: enough to choose by. */
export type ArtifactOutline = Omit<Artifact, 'data'>
