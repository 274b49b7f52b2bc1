import type { Artifact } from '#shared/artifact/artifact.ts'
import { ARTIFACT_ORDER, type ArtifactFilter, latestOf, matchesArtifact } from '#shared/artifact/artifact-filter.ts'
import type { Deps } from '#shared/deps.ts'
import { getArtifacts } from '#shared/storage/artifact/get-artifact.ts'
import * as storage from '#shared/storage/artifact/list-artifacts.ts'

/** Artifacts that a list looks at, the newest; older ones are found by their id. */
const LOOKED_AT_MAX = 5_000

export interface ArtifactQuery {
  artifacts?: ArtifactFilter | undefined
  sort: keyof typeof ARTIFACT_ORDER
  limit: number
  offset: number
  /** Only the newest of each key; the filter applies to these. */
  latest: boolean
}

/** One page of the artifacts that match. */
export async function listArtifacts(deps: Deps, query: ArtifactQuery): Promise<Artifact[]> {
  const all = await storage.listArtifacts(deps.table, LOOKED_AT_MAX)
  const page = (query.latest ? latestOf(all) : all)
    .filter((each) => matchesArtifact(each, query.artifacts))
    .toSorted(ARTIFACT_ORDER[query.sort])
    .slice(query.offset, query.offset + query.limit)
  const read = await getArtifacts(
    deps.table,
    page.map((each) => each.id),
  )
  const byId = new Map(read.map((artifact) => [artifact.id, artifact]))
  return page.flatMap(({ id }) => byId.get(id) ?? [])
}
