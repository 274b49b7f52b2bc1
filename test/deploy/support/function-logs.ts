import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Json } from '../../support/api.ts'
import type { Emulator } from './emulator.ts'

/** All log groups. */
export async function logGroups({ clientOptions }: Emulator): Promise<string[]> {
  const client = new CloudWatchLogsClient(clientOptions)
  const names: string[] = []
  for await (const { logGroups: page = [] } of paginateDescribeLogGroups({ client }, {})) {
    names.push(...page.flatMap(({ logGroupName }) => logGroupName ?? []))
  }
  client.destroy()
  return names
}

/** The log of a function of the stack so far, including counts in the embedded metric format. */
export async function functionLogs(emulator: Emulator, name: string): Promise<Json[]> {
  const logGroupName = (await logGroups(emulator)).find((group) => group.includes(`Functions${name}Logs`))
  const client = new CloudWatchLogsClient(emulator.clientOptions)
  const lines: string[] = []
  for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
    lines.push(...events.flatMap(({ message }) => message?.trim() ?? []))
  }
  client.destroy()
  // The others are Lambda's own.
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}
