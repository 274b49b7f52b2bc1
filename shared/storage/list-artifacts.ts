import type { ArtifactOutline } from '../artifact/artifact.ts'
import { decodeOutline } from './artifact-codec.ts'
import { queryAll } from './query.ts'
import { artifactKey, type Table } from './table.ts'

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
