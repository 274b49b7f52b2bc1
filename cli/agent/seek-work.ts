import { ApiError, type Client } from '#shared/client/create-client.ts'
import { AGENT_POOL, type Work } from './work.ts'

/** The queues as the claim call takes them. */
export interface SoughtWork {
  poolName: string
  /** Undefined: all of the pool's by their priority. */
  queues: readonly string[] | undefined
  match: readonly string[]
}

const NOT_FOUND = 404
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Finds out what can't be told from the command line: the name of a queue that is given by its id, and the queue of tags,
 * which is made. Says in Prefect's words what is deprecated.
 */
export async function seekWork(work: Work, client: Client, say: (sentence: string) => void): Promise<SoughtWork> {
  switch (work.kind) {
    case 'pool':
      return { poolName: work.poolName, queues: undefined, match: [] }
    case 'match':
      return { poolName: work.poolName ?? AGENT_POOL, queues: [], match: work.match }
    case 'queues':
      return work.nameOrId === undefined
        ? { poolName: work.poolName ?? AGENT_POOL, queues: work.queues, match: [] }
        : await seekQueue({ ...work, nameOrId: work.nameOrId }, client, say)
    case 'tags':
      return { poolName: AGENT_POOL, queues: [await ensureTagQueue(work.tags, client, say)], match: [] }
  }
}

type NamedQueue = Extract<Work, { kind: 'queues' }> & { nameOrId: string }

async function seekQueue(
  { poolName, queues, nameOrId }: NamedQueue,
  client: Client,
  say: (sentence: string) => void,
): Promise<SoughtWork> {
  const found = UUID.test(nameOrId) ? await client.getWorkQueueById({ id: nameOrId }) : undefined
  const name = found?.name ?? nameOrId
  say(
    'Agents now support multiple work queues. Instead of passing a single argument, provide work queue names ' +
      `with the \`-q\` or \`--work-queue\` flag: \`pushpool agent start -q ${name}\``,
  )
  return { poolName: poolName ?? found?.work_pool_name ?? AGENT_POOL, queues: [...queues, name], match: [] }
}

/** The queue of a legacy agent's tags, under the name that Prefect 2 gives it, so that both serve the same one. */
async function ensureTagQueue(
  tags: readonly string[],
  client: Client,
  say: (sentence: string) => void,
): Promise<string> {
  const name = `Agent queue ${tags.toSorted().join('-')}`
  say(
    '`tags` are deprecated. For backwards-compatibility with old versions of Prefect, this agent will create a work ' +
      `queue named \`${name}\` that uses legacy tag-based matching.`,
  )
  const filter = { tags: [...tags] }
  try {
    const queue = await client.getLegacyWorkQueueByName({ name })
    if (queue.filter === null) await client.updateWorkQueueById({ id: queue.id }, { filter })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== NOT_FOUND) throw error
    await client.createLegacyWorkQueue({ name, filter })
  }
  return name
}
