import type { Artifact } from '#shared/artifact/artifact.ts'
import type { Deps } from '#shared/deps.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { getArtifact } from '#shared/storage/artifact/get-artifact.ts'
import { putArtifact } from '#shared/storage/artifact/put-artifact.ts'

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

type ArtifactChange = { [Member in 'data' | 'description' | 'metadata']?: Artifact[Member] | undefined }

/** Updates an artifact; omitted members stay unchanged. Raises not_found and too_large. */
export async function updateArtifact(deps: Deps, id: string, change: ArtifactChange): Promise<void> {
  assertItemSize('data', change.data ?? null)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getArtifact(deps.table, id)
    if (!before) throw notFound('Artifact', id)
    const updated = Math.max(deps.clock.now(), before.updated + 1)
    if (await putArtifact(deps.table, { ...before, ...given, updated }, before)) return
  }
  throw new DomainError('unavailable', `Artifact '${id}' is being modified concurrently; retry.`)
}
