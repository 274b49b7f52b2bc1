import type { ArtifactOutline } from '#shared/artifact/artifact.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { artifactKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeOutline } from './artifact-codec.ts'

/** Reads what there is of artifacts, the newest first and at most so many; without their data. */
export async function listArtifacts(table: Table, limit: number): Promise<ArtifactOutline[]> {
  const items = await queryAll(table, {
    keyCondition: '#pk = :pk',
    projection: '#sk, #updated, #about',
    values: { pk: artifactKey('').pk },
    descending: true,
    limit,
  })
  return items.map(decodeOutline)
}
