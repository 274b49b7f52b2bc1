import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deployment } from '../../shared/deployment/deployment.ts'
import type { Deps } from '../../shared/deps.ts'
import type { FlowRun } from '../../shared/flow-run/flow-run.ts'
import { asRunId } from '../../shared/flow-run/ids.ts'
import { toItem } from '../../shared/storage/expression.ts'
import { encodeRun } from '../../shared/storage/run-codec.ts'
import { encodeDetails } from '../../shared/storage/run-details.ts'
import { createRuns } from './fixtures.ts'

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH = 25
const BATCHES_AT_ONCE = 8

/** Creates many waiting runs fast: the first as usual, the others as copies of its item under ids of their own. */
export async function createManyRuns(deps: Deps, deployment: Deployment, n: number): Promise<FlowRun[]> {
  const [first] = await createRuns(deps, deployment, 1)
  if (!first) throw new Error('no run')
  const copies = Array.from({ length: n - 1 }, () => ({ ...first, id: asRunId(deps.ids.uuid()) }))
  const batches: FlowRun[][] = []
  for (let at = 0; at < copies.length; at += BATCH) batches.push(copies.slice(at, at + BATCH))
  const waiting = [...batches]
  const write = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) await writeBatch(deps, batch)
  }
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, write))
  return [first, ...copies]
}

async function writeBatch(deps: Deps, runs: readonly FlowRun[]): Promise<void> {
  const puts = runs.map((run) => ({
    PutRequest: { Item: toItem({ ...encodeRun(run), details: encodeDetails(run.details) }) },
  }))
  await deps.table.client.send(new BatchWriteItemCommand({ RequestItems: { [deps.table.name]: puts } }))
}
