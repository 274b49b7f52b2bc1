import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail'
import type { Json } from '../../support/api.ts'
import type { Emulator } from './emulator.ts'

/** The parameters of all calls of an action, oldest first. On AWS, CloudTrail shows them some minutes later. */
export async function recordedCalls({ clientOptions }: Emulator, action: string): Promise<Json[]> {
  const client = new CloudTrailClient(clientOptions)
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: action }]
  const inputs: Json[] = []
  for await (const { Events = [] } of paginateLookupEvents({ client }, { LookupAttributes })) {
    inputs.push(...Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).requestParameters))
  }
  client.destroy()
  return inputs.toReversed()
}
