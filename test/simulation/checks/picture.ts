import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { phaseOf } from '#shared/flow-run/phase.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'
import { decodeRun, detailsPlaceOf } from '#shared/storage/flow-run/run-codec.ts'
import { decodeDetails } from '#shared/storage/flow-run/run-details.ts'

/** A limit as it is stored, read without the code under test. */
export interface LimitItem {
  key: LimitKey
  life: string | undefined
  limit: number | null
  active: number
  available: number
  paused: boolean
  deleting: boolean
  counting: boolean
}

export interface RunItem {
  run: FlowRun
  /** Where the index finds it, when that is not where it should. */
  misplaced: string | undefined
}

/** All that is stored at one moment, as far as the checks need it. */
export interface Picture {
  /** By id and life: a run that is deleted and created again is another one. */
  runs: ReadonlyMap<string, FlowRun>
  limits: ReadonlyMap<LimitKey, LimitItem>
  misplaced: readonly string[]
}

// Items never change; what is written anew is another item.
const runs = new WeakMap<Item, RunItem>()
const limits = new WeakMap<Item, LimitItem>()

/** Reads everything from the raw items of a table. */
export function pictureOf(items: Iterable<Item>): Picture {
  const picture = {
    runs: new Map<string, FlowRun>(),
    limits: new Map<LimitKey, LimitItem>(),
    misplaced: [] as string[],
  }
  for (const item of items) {
    const sort = item.sk?.S
    if (sort === 'run' && item.pk?.S?.startsWith('run#')) {
      const { run, misplaced } = remembered(runs, item, readRun)
      picture.runs.set(lifeOf(run), run)
      if (misplaced) picture.misplaced.push(misplaced)
    } else if (sort === 'limit') {
      const limit = remembered(limits, item, readLimit)
      picture.limits.set(limit.key, limit)
    }
  }
  return picture
}

export const lifeOf = ({ id, life }: Pick<FlowRun, 'id' | 'life'>): string => `${id}/${life}`

function remembered<T>(known: WeakMap<Item, T>, item: Item, read: (item: Item) => T): T {
  const there = known.get(item)
  if (there !== undefined) return there
  const made = read(item)
  known.set(item, made)
  return made
}

function readRun(item: Item): RunItem {
  const plain = fromItem(item)
  const run = decodeRun(plain, decodeDetails(detailsPlaceOf(plain).inline ?? '{}'))
  const { phase, sort } = phaseOf(run)
  const rightly = plain.phase === phase && plain.phaseSort === sort
  return { run, misplaced: rightly ? undefined : `run ${run.id} is filed under ${String(plain.phase)}` }
}

function readLimit(item: Item): LimitItem {
  const plain = fromItem(item)
  return {
    key: String(plain.pk).slice('limit#'.length) as LimitKey,
    life: plain.life as string | undefined,
    limit: (plain.limit as number | undefined) ?? null,
    active: Number(plain.active ?? 0),
    available: Number(plain.available ?? 0),
    paused: plain.paused === true,
    deleting: plain.deleting === true,
    counting: plain.countingSince !== undefined,
  }
}
