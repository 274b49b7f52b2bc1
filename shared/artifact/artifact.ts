import type { Instant } from '#shared/instant.ts'

/** Something that a flow shows to people: a table, a text, a link, a progress. */
export interface Artifact {
  id: string
  /** What successive versions of one artifact have in common. */
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
