import type { Artifact, ArtifactOutline } from '#shared/artifact/artifact.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { artifactKey } from '#shared/storage/dynamo/table.ts'

/** The artifact's item. Its data is an attribute of its own, which lists leave out. */
export function encodeArtifact({ id, updated, data, ...about }: Artifact) {
  return { ...artifactKey(id), updated, about: JSON.stringify(about), data: JSON.stringify(data) }
}

/** All but the data, from an item that may be without. */
export function decodeOutline(item: Record<string, unknown>): ArtifactOutline {
  return { ...(JSON.parse(String(item.about)) as object), id: item.sk, updated: item.updated } as ArtifactOutline
}

/** The artifact from its item. */
export function decodeArtifact(item: Record<string, unknown>): Artifact {
  return { ...decodeOutline(item), data: parseJson(String(item.data)) }
}
