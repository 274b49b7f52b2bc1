import type { Client, ReplyOf } from '#shared/client/create-client.ts'
import { CliError, EXIT_CODE } from '../exit-code.ts'

export type ListedAgent = ReplyOf<'getAgent'>

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const SHOWN_MAX = 5

/** The agent with an id, or the only one with a name. Throws CliError. */
export async function findAgent(client: Client, nameOrId: string): Promise<ListedAgent> {
  if (UUID.test(nameOrId)) return await client.getAgent({ id: nameOrId })
  const found = await client.listAgents({ agents: { name: { any_: [nameOrId] } } })
  const [first, second] = found
  if (!first) throw new CliError(EXIT_CODE.notFound, `Agent '${nameOrId}' not found; 'pushpool agent ls' lists all.`)
  if (!second) return first
  const ids = found.slice(0, SHOWN_MAX).map(({ id, status }) => `${id} (${status})`)
  throw new CliError(EXIT_CODE.failed, `${found.length} agents are named '${nameOrId}'; use an id: ${ids.join(', ')}.`)
}
