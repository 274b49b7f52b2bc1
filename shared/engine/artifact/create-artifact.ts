import type { Artifact } from '#shared/artifact/artifact.ts'
import type { Deps } from '#shared/deps.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { putArtifact } from '#shared/storage/artifact/put-artifact.ts'

/** Creates an artifact. Raises too_large. */
export async function createArtifact(
  deps: Deps,
  given: Omit<Artifact, 'id' | 'created' | 'updated'>,
): Promise<Artifact> {
  assertItemSize('data', given.data ?? null)
  const now = deps.clock.now()
  const artifact: Artifact = { ...given, id: deps.ids.uuid(), created: now, updated: now }
  await putArtifact(deps.table, artifact, undefined)
  return artifact
}
