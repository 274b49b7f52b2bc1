import type { Artifact } from '#shared/artifact/artifact.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { artifactKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeArtifact } from './artifact-codec.ts'

/** Reads an artifact, consistently; undefined when there is none. */
export async function getArtifact(table: Table, artifactId: string): Promise<Artifact | undefined> {
  const item = await getItem(table, artifactKey(artifactId))
  return item && decodeArtifact(item)
}

/** Reads several, in no particular order; missing ones are left out. */
export async function getArtifacts(table: Table, artifactIds: readonly string[]): Promise<Artifact[]> {
  return (await batchGet(table, artifactIds.map(artifactKey))).map(decodeArtifact)
}
