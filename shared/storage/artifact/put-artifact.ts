import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Artifact } from '#shared/artifact/artifact.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { unchangedSince } from '#shared/storage/dynamo/json-item.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import { encodeArtifact } from './artifact-codec.ts'

/** Writes an artifact, if it is still what was read (`before`), or new when nothing was. Returns whether it was. */
export async function putArtifact(table: Table, artifact: Artifact, before: Artifact | undefined): Promise<boolean> {
  const request = { TableName: table.name, Item: toItem(encodeArtifact(artifact)), ...express(unchangedSince(before)) }
  try {
    await table.client.send(new PutItemCommand(request))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
