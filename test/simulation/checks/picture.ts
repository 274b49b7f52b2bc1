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

/** A limit that code takes slots of by name, as it is stored. */
export interface GlobalItem {
  key: LimitKey
  created: number
  limit: number
  decayPerSecond: number
  active: number
  loose: number
  leased: number
}

export interface LeaseItem {
  id: string
  slots: number
  limits: { id: string; created: number }[]
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
  globals: ReadonlyMap<LimitKey, GlobalItem>
  leases: ReadonlyMap<string, LeaseItem>
  /** The pools that are known wherever runs are looked for by pool. */
  lines: ReadonlySet<string>
  misplaced: readonly string[]
}

export const NOTHING: Picture = {
  runs: new Map(),
  limits: new Map(),
  globals: new Map(),
  leases: new Map(),
  lines: new Set(),
  misplaced: [],
}

// Items never change; what is written anew is another item.
const runs = new WeakMap<Item, RunItem>()
const limits = new WeakMap<Item, LimitItem>()
const globals = new WeakMap<Item, GlobalItem>()
const leases = new WeakMap<Item, LeaseItem>()

/** Reads everything from the raw items of a table. */
export function pictureOf(items: Iterable<Item>): Picture {
  const picture = {
    runs: new Map<string, FlowRun>(),
    limits: new Map<LimitKey, LimitItem>(),
    globals: new Map<LimitKey, GlobalItem>(),
    leases: new Map<string, LeaseItem>(),
    lines: new Set<string>(),
    misplaced: [] as string[],
  }
  for (const item of items) {
    const sort = item.sk?.S ?? ''
    const partition = item.pk?.S ?? ''
    if (sort === 'run' && partition.startsWith('run#')) {
      const { run, misplaced } = remembered(runs, item, readRun)
      picture.runs.set(lifeOf(run), run)
      if (misplaced) picture.misplaced.push(misplaced)
    } else if (sort === 'limit' && partition.startsWith('limit#global#')) {
      const limit = remembered(globals, item, readGlobal)
      picture.globals.set(limit.key, limit)
    } else if (sort === 'limit') {
      const limit = remembered(limits, item, readLimit)
      picture.limits.set(limit.key, limit)
    } else if (sort === 'lease') {
      const lease = remembered(leases, item, readLease)
      picture.leases.set(lease.id, lease)
    } else if (partition === 'lines') picture.lines.add(sort)
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
  const rightly = plain.phase === phase && plain.phaseSort === sort && isPhaseOf(run, phase)
  return { run, misplaced: rightly ? undefined : `run ${run.id} is filed under ${String(plain.phase)}` }
}

function readGlobal(item: Item): GlobalItem {
  const { pk, created, limit, decayPerSecond, active, loose, leased } = fromItem(item)
  const figures = { created, limit, decayPerSecond, active, loose, leased } as Omit<GlobalItem, 'key'>
  return { key: String(pk).slice('limit#'.length) as LimitKey, ...figures }
}

function readLease(item: Item): LeaseItem {
  const { pk, slots, limits: held } = fromItem(item)
  return { id: String(pk).slice('lease#'.length), slots: Number(slots), limits: held as LeaseItem['limits'] }
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

/** Whether a phase is one for such a run: told here once more, so that the rule itself is held against something. */
export function isPhaseOf({ state, claim, poolId, blockedBy }: FlowRun, phase: string): boolean {
  const pool = poolId ?? 'none'
  switch (state.type) {
    case 'SCHEDULED':
      if (claim === null) return phase === `${blockedBy === null ? 'ready' : 'blocked'}#${pool}`
      return phase === `active#${pool}`
    case 'PAUSED':
      return phase === (claim === null ? 'paused' : `active#${pool}`)
    case 'PENDING':
    case 'RUNNING':
    case 'CANCELLING':
      return phase === `active#${pool}`
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
    case 'CRASHED':
      return phase.startsWith(`ended#${state.type}#`)
  }
}
