import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { type Table, taskDefinitionKey } from '#shared/storage/dynamo/table.ts'

/** The ARN under which a task definition of this content was registered; undefined when none was. */
export async function getTaskDefinition(table: Table, hash: string): Promise<string | undefined> {
  const item = await getItem(table, taskDefinitionKey(hash))
  return item?.arn as string | undefined
}
