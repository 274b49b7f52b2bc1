import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'

interface PoolPlace {
  id: string
  name: string
  push: boolean
  /** After so many minutes of silence a worker's holds end; null: never. */
  silentMinutes: number | null
}

interface QueuePlace {
  id: string
  poolId: string
  name: string
  /** 1 is the highest. */
  priority: number
}

/** Where runs can wait, and what they are runs of, read without the code under test. */
export interface Places {
  pools: ReadonlyMap<string, PoolPlace>
  queues: ReadonlyMap<string, QueuePlace>
  /** Those that nobody deletes. */
  deployments: ReadonlySet<string>
}

const QUEUES = 'queues#'

// Items never change; what is written again is another item.
const pools = new WeakMap<Item, PoolPlace>()
const queues = new WeakMap<Item, QueuePlace>()

/** Reads all places from the raw items of a table. */
export function placesOf(items: Iterable<Item>): Places {
  const places = {
    pools: new Map<string, PoolPlace>(),
    queues: new Map<string, QueuePlace>(),
    deployments: new Set<string>(),
  }
  for (const item of items) {
    const partition = item.pk?.S ?? ''
    const id = item.sk?.S ?? ''
    if (partition === 'pools') places.pools.set(id, remembered(pools, item, readPool))
    else if (partition === 'deployments' && !item.deleting?.BOOL) places.deployments.add(id)
    else if (partition.startsWith(QUEUES) && id !== 'polled') places.queues.set(id, remembered(queues, item, readQueue))
  }
  return places
}

function remembered<T>(known: WeakMap<Item, T>, item: Item, read: (item: Item) => T): T {
  const there = known.get(item) ?? read(item)
  known.set(item, there)
  return there
}

function readPool(item: Item): PoolPlace {
  const { sk, name, type, silentWorkerMinutes } = fromItem(item)
  const silentMinutes = (silentWorkerMinutes as number | undefined) ?? null
  return { id: String(sk), name: String(name), push: String(type).endsWith(':push'), silentMinutes }
}

function readQueue(item: Item): QueuePlace {
  const { pk, sk, name, priority } = fromItem(item)
  return { id: String(sk), poolId: String(pk).slice(QUEUES.length), name: String(name), priority: Number(priority) }
}
